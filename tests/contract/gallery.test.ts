import { readdirSync } from 'node:fs';
import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { COURSES } from '../../src/lib/gallery/rows.ts';
import { cardSize } from '../../src/lib/gallery/template.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { decodeDocument } from '../../src/lib/runtime/graph/schema.ts';

const root = new URL('../../', import.meta.url);

it('lists every template file once, under its own id', () => {
  const files = readdirSync(new URL('src/lib/gallery/', root))
    .filter((file) => !['index.ts', 'rows.ts', 'template.ts'].includes(file))
    .map((file) => file.replace(/\.ts$/, ''));
  expect(templates.map(({ id }) => id).sort()).toEqual(files.sort());
});

describe.each(templates.map((template) => [template.id, template] as const))(
  '%s',
  (_, template) => {
    const { document } = template;

    it('is a document that decodes without a problem and survives JSON', () => {
      const decoded = decodeDocument(JSON.parse(JSON.stringify(document)), registry);
      expect(decoded.problems).toEqual([]);
      expect(decoded.document).toEqual(document);
    });

    it('names each system once that it shows, and a lecture that its course has', () => {
      const { rows, lesson } = template;
      expect(new Set(rows).size).toBe(rows.length);
      expect(lesson.lecture).toBeGreaterThanOrEqual(1);
      expect(lesson.lecture).toBeLessThanOrEqual(COURSES[lesson.course].lectures);
    });

    it('explains itself, and carries the explanation in its notes', () => {
      expect(template.summary).toMatch(/\.$/);
      expect(template.explanation.join(' ')).toMatch(/\$.+\$/);
      expect(template.references.length).toBeGreaterThan(0);
      expect(document.title).toBe(template.title);
      for (const paragraph of template.explanation) {
        expect(document.notes).toContain(paragraph);
        const parts = paragraph.split('$');
        // A formula that is not closed would swallow the text behind it.
        expect(parts.length % 2).toBe(1);
        for (let k = 1; k < parts.length; k += 2) {
          expect(() => katex.renderToString(parts[k], { throwOnError: true })).not.toThrow();
        }
      }
    });

    it('is laid out from left to right without overlaps, 60 px apart', () => {
      const boxes = new Map(
        document.nodes.map(({ id, type, position }) => {
          const [width, height] = cardSize(type);
          return [id, { ...position, right: position.x + width, bottom: position.y + height }];
        }),
      );
      const box = (id: string) => {
        const found = boxes.get(id);
        if (found === undefined) throw new Error(`no node ${id}`);
        return found;
      };
      for (const [id, a] of boxes) {
        for (const [other, b] of boxes) {
          if (id >= other) continue;
          const apart =
            a.right + 60 <= b.x ||
            b.right + 60 <= a.x ||
            a.bottom + 60 <= b.y ||
            b.bottom + 60 <= a.y;
          expect(apart, `${id} and ${other}`).toBe(true);
        }
      }
      for (const { from, to } of document.edges) {
        expect(box(from[0]).right, `${from.join('.')} > ${to.join('.')}`).toBeLessThan(
          box(to[0]).x,
        );
      }
    });
  },
);
