/** Where a new card stands: in the column of its family, clear of the other cards. */
import { cardSize } from '../../gallery/template.ts';
import { FAMILIES, type Family } from '../../runtime/graph/node-definition.ts';
import type { Size } from './layout.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Standing {
  readonly type: string;
  readonly family: Family | undefined;
  readonly position: Point;
  /** As measured; a card without its picture yet is counted with it. */
  readonly size: Size;
}

const BESIDE = 72;
const BELOW = 36;

/** Checks and views share the last column. */
const column = (family: Family | undefined) =>
  family === undefined ? -1 : Math.min(FAMILIES.indexOf(family), FAMILIES.indexOf('check'));

/**
 * Below the last card of its own column, else right of all columns before it, else left of those after it.
 * @param start the place on an empty canvas
 */
export function placeFor(
  type: string,
  family: Family,
  standing: readonly Standing[],
  start: Point,
): Point {
  const [width, height] = cardSize(type);
  const cards = standing.map((card) => ({
    column: column(card.family),
    left: card.position.x,
    top: card.position.y,
    right: card.position.x + card.size.width,
    bottom: card.position.y + Math.max(card.size.height, cardSize(card.type)[1]),
  }));
  const own = column(family);
  const same = cards.filter((card) => card.column === own).at(-1);
  const before = cards.filter((card) => card.column < own);
  const after = cards.filter((card) => card.column > own);
  let { x, y } = start;
  if (same) [x, y] = [same.left, same.bottom + BELOW];
  else if (before.length > 0) {
    x = Math.max(...before.map(({ right }) => right)) + BESIDE;
    y = Math.min(...before.map(({ top }) => top));
  } else if (after.length > 0) {
    x = Math.min(...after.map(({ left }) => left)) - BESIDE - width;
    y = Math.min(...after.map(({ top }) => top));
  }
  for (;;) {
    const hit = cards.find(
      (card) => x < card.right && x + width > card.left && y < card.bottom && y + height > card.top,
    );
    if (!hit) return { x, y };
    y = hit.bottom + BELOW;
  }
}
