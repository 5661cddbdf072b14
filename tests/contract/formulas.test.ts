import katex from 'katex';
import { describe, expect, it } from 'vitest';
import { templates } from '../../src/lib/gallery/index.ts';
import { registry } from '../../src/lib/nodes/index.ts';
import { parseMarkdown, type Block, type Inline } from '../../src/lib/ui/markdown.ts';
import { besideEachOther, TEX_OPTIONS, texProblem } from '../../src/lib/ui/tex.ts';

/** Every formula of the app is within the limits and is read without an error. */
function problems(tex: string): string[] {
  const limit = texProblem(tex);
  const errors = besideEachOther(tex).filter((part) =>
    katex.renderToString(part, { ...TEX_OPTIONS, displayMode: true }).includes('katex-error'),
  );
  return [...(limit === null ? [] : [limit]), ...errors];
}

const inlineTex = (nodes: readonly Inline[]): string[] =>
  nodes.flatMap((node) =>
    node.kind === 'tex' ? [node.text] : 'children' in node ? inlineTex(node.children) : [],
  );
const blockTex = (block: Block): string[] =>
  block.kind === 'tex'
    ? [block.text]
    : 'children' in block
      ? inlineTex(block.children)
      : 'items' in block
        ? block.items.flatMap(inlineTex)
        : [];

describe('formulas', () => {
  it('of every node can be typeset', () => {
    const found = [...registry.values()].flatMap(({ type, formula }) =>
      formula ? problems(formula).map((problem) => `${type}: ${problem}`) : [],
    );
    expect(found).toEqual([]);
  });

  it('in the notes of every template can be typeset, and no notes are cut', () => {
    const found = templates.flatMap(({ id, document }) => {
      const blocks = parseMarkdown(document.notes);
      return [
        ...blocks.filter(({ kind }) => kind === 'cut').map(() => `${id}: cut`),
        ...blocks
          .flatMap(blockTex)
          .flatMap(problems)
          .map((problem) => `${id}: ${problem}`),
      ];
    });
    expect(found).toEqual([]);
  });
});
