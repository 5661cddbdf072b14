/** Straight-line WGSL under construction, with common subexpressions shared. */
import { stridesOf } from '../../../ir/shape.ts';
import type { Shape } from '../../../ir/types.ts';

/** A block of `let` statements; an inner block sees what its outer blocks have bound. */
export class Block {
  readonly lines: string[] = [];
  private readonly names: { next: number };
  private readonly bound = new Map<string, string>();
  private readonly outer: Block | undefined;

  constructor(outer?: Block) {
    this.outer = outer;
    this.names = outer ? outer.names : { next: 0 };
  }

  /** Starts numbering later, for blocks that share a scope without seeing each other. */
  skipNames(count: number): void {
    this.names.next += count;
  }

  inner(): Block {
    return new Block(this);
  }

  /** A name for the expression; the same expression gives the same name. Names and literals are returned as they are. */
  bind(expression: string): string {
    if (/^[\w.]+$/.test(expression)) return expression;
    const known = this.recall(expression);
    if (known !== undefined) return known;
    const name = `t${this.names.next}`;
    this.names.next += 1;
    this.lines.push(`let ${name} = ${expression};`);
    this.bound.set(expression, name);
    return name;
  }

  remember(key: string, expression: string): void {
    this.bound.set(key, expression);
  }

  recall(key: string): string | undefined {
    return this.bound.get(key) ?? this.outer?.recall(key);
  }

  get text(): string {
    return this.lines.map((line) => `  ${line}`).join('\n');
  }
}

/** A place in an array: by its row-major index, by coordinates, or by both; each is computed when first asked for. */
export interface Index {
  readonly shape: Shape;
  flat?: string;
  coordinates?: readonly string[];
}

export function flatIndex(shape: Shape, flat: string): Index {
  return { shape, flat };
}

export function coordinateIndex(shape: Shape, coordinates: readonly string[]): Index {
  return { shape, coordinates };
}

export function coordinatesOf(index: Index, block: Block): readonly string[] {
  if (index.coordinates) return index.coordinates;
  const strides = stridesOf(index.shape);
  let rest = index.flat ?? '0u';
  const coordinates = index.shape.map((n, axis) => {
    if (n <= 1) return '0u';
    const stride = strides[axis];
    if (stride === 1) return rest;
    const coordinate = block.bind(`${rest} / ${stride}u`);
    rest = block.bind(`${rest} % ${stride}u`);
    return coordinate;
  });
  return (index.coordinates = coordinates);
}

export function flatOf(index: Index, block: Block): string {
  if (index.flat !== undefined) return index.flat;
  const strides = stridesOf(index.shape);
  const terms = (index.coordinates ?? []).flatMap((coordinate, axis) => {
    if (index.shape[axis] <= 1 || coordinate === '0u') return [];
    return strides[axis] === 1 ? [coordinate] : [`${coordinate} * ${strides[axis]}u`];
  });
  return (index.flat = terms.length === 0 ? '0u' : block.bind(terms.join(' + ')));
}

/** Identifies the place within a block, for sharing. */
export function indexKey(index: Index): string {
  return index.flat ?? `[${index.coordinates?.join(',')}]/${index.shape.join(',')}`;
}
