import { DOCUMENT_FORMAT, DOCUMENT_VERSION } from '../runtime/graph/document.ts';
import type { GraphDocument, GraphEdge, GraphNode, ParamValue } from '../runtime/graph/document.ts';
import type { Reference } from '../runtime/graph/node-definition.ts';
import type { Lesson, RowId } from './rows.ts';

/** An experiment to open, run, change and share. It carries at least one check that shows it is right. */
export interface Template {
  /** Part of its address; never changes. */
  readonly id: string;
  readonly title: string;
  /** One sentence, plain text. */
  readonly summary: string;
  /** The systems it shows. */
  readonly rows: readonly [RowId, ...RowId[]];
  readonly lesson: Lesson;
  /** Paragraphs of Markdown with formulas in $…$. */
  readonly explanation: readonly string[];
  readonly references: readonly Reference[];
  readonly document: GraphDocument;
  /** Nodes that refuse their input, and why: the point of the experiment. */
  readonly refusals?: Readonly<Record<string, string>>;
}

/** A node of a template by its place in a column. */
export interface Placed {
  readonly id: string;
  readonly type: string;
  readonly label?: string;
  readonly params?: Readonly<Record<string, ParamValue>>;
}

/** Room for cards with their previews, by family, in pixels. */
const SIZES: Readonly<Record<string, readonly [width: number, height: number]>> = {
  data: [240, 280],
  model: [240, 120],
  regularizer: [240, 120],
  loss: [240, 260],
  optimizer: [240, 180],
  check: [240, 220],
  view: [240, 300],
};
const GAP = 60;

/** Cards with a picture or many ports that are taller than others of their family. */
const TALL: Readonly<Record<string, readonly [number, number]>> = {
  'check/adjoint': [240, 300],
  'check/exact-transport': [240, 300],
  'check/gradient-decay': [240, 300],
  'check/optimality': [240, 340],
  'check/paired': [240, 340],
  'check/prox': [240, 310],
  'check/sinkhorn': [240, 380],
  'data/observation': [240, 310],
  'loss/wasserstein': [240, 310],
  'view/integrator-orders': [240, 350],
  'view/lasso-path': [240, 330],
  'view/oscillator-energy': [240, 360],
  'view/spectrum': [240, 320],
};

export function cardSize(type: string): readonly [width: number, height: number] {
  return TALL[type] ?? SIZES[type.slice(0, type.indexOf('/'))] ?? [240, 300];
}

interface Sketch {
  readonly title: string;
  readonly explanation: readonly string[];
  readonly device: GraphDocument['device'];
  readonly seed?: number;
  /** From left to right; each column begins at the top, so that wires to lower cards pass below shorter columns. */
  readonly columns: readonly (readonly Placed[])[];
  /** `'node.port > node.port'`. */
  readonly wires: readonly string[];
}

/** Lays the columns out and makes the document; node types are at version 1. */
export function sketch({ columns, wires, ...rest }: Sketch): GraphDocument {
  const nodes: GraphNode[] = [];
  let x = 0;
  for (const column of columns) {
    const sizes = column.map(({ type }) => cardSize(type));
    let y = 0;
    column.forEach(({ id, type, label, params }, i) => {
      nodes.push({
        id,
        type,
        version: 1,
        params: params ?? {},
        position: { x, y },
        ...(label !== undefined && { label }),
      });
      y += sizes[i][1] + GAP;
    });
    x += Math.max(...sizes.map(([w]) => w)) + GAP;
  }
  return {
    format: DOCUMENT_FORMAT,
    version: DOCUMENT_VERSION,
    title: rest.title,
    notes: rest.explanation.join('\n\n'),
    seed: rest.seed ?? 0,
    device: rest.device,
    nodes,
    edges: wires.map(wire),
  };
}

function wire(text: string): GraphEdge {
  const ends = text.split(' > ').map((end) => end.split('.'));
  if (ends.length !== 2 || ends.some((end) => end.length !== 2)) {
    throw new Error(`internal: expected 'node.port > node.port', got '${text}'.`);
  }
  return { from: [ends[0][0], ends[0][1]], to: [ends[1][0], ends[1][1]] };
}
