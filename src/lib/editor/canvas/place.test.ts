import { expect, it } from 'vitest';
import { cardSize } from '../../gallery/template.ts';
import type { Family } from '../../runtime/graph/node-definition.ts';
import { placeFor, type Standing } from './place.ts';

const START = { x: 100, y: 50 };

/** Adds cards one after another, as clicks in the list of nodes do. */
function added(types: readonly string[]): Standing[] {
  const standing: Standing[] = [];
  for (const type of types) {
    const family = type.slice(0, type.indexOf('/')) as Family;
    const position = placeFor(type, family, standing, START);
    // Not yet measured with its picture.
    standing.push({ type, family, position, size: { width: 232, height: 90 } });
  }
  return standing;
}

it('puts the first card where it is asked to', () => {
  expect(added(['model/mlp'])[0].position).toEqual(START);
});

it('never puts a card over another, whatever the order', () => {
  const types = [
    'optimizer/adam',
    'view/loss-curves',
    'data/two-moons',
    'regularizer/l1-norm',
    'model/mlp',
    'operator/mask',
    'loss/logistic',
    'check/measure',
    'optimizer/sgd',
    'data/table',
    'view/value',
  ];
  for (let turn = 0; turn < types.length; turn++) {
    const cards = added([...types.slice(turn), ...types.slice(0, turn)]).map((card) => {
      const [width, height] = cardSize(card.type);
      return { ...card.position, width: Math.min(width, 232), height };
    });
    cards.forEach((a, i) =>
      cards.slice(i + 1).forEach((b) => {
        const apart =
          a.x + a.width <= b.x ||
          b.x + b.width <= a.x ||
          a.y + a.height <= b.y ||
          b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }),
    );
  }
});

it('lets a graph grow from left to right, and stacks what stands at the same place in it', () => {
  const [data, model, loss, adam, sgd] = added([
    'data/two-moons',
    'model/mlp',
    'loss/logistic',
    'optimizer/adam',
    'optimizer/sgd',
  ]).map(({ position }) => position);
  expect(data.x < model.x && model.x < loss.x && loss.x < adam.x).toBe(true);
  expect([model.y, loss.y, adam.y]).toEqual([data.y, data.y, data.y]);
  expect(sgd.x).toBe(adam.x);
  expect(sgd.y).toBeGreaterThan(adam.y);
});
