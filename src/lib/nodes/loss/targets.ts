/** Reads the targets a loss needs, or refuses with the loss that would fit. */
import { NodeError } from '../../runtime/graph/node-error.ts';
import type { ModelValue } from '../../runtime/graph/ports.ts';
import type { HostArray } from '../../runtime/ir/types.ts';

const refuse = (loss: string, expected: string, got: string, remedy: string): never => {
  throw new NodeError('targets', `${loss}: expected ${expected}, got ${got}. ${remedy}`, 'model');
};

/** A density is fitted to its inputs; there is no output to compare with a target. */
function refuseDensity(model: ModelValue, loss: string): void {
  if (model.density === undefined) return;
  refuse(
    loss,
    'a model that predicts targets',
    `${model.title}, a probability density of the features`,
    'Use the density likelihood.',
  );
}

function describe({ targets, name }: ModelValue['dataset']): string {
  if (targets.kind === 'none') return `the table '${name}' without a target`;
  if (targets.kind === 'values') return `numeric targets '${targets.name}'`;
  return `'${targets.name}' with ${targets.classes.length} classes`;
}

function classifier(classes: number): string {
  return classes === 2 ? 'the logistic loss' : 'softmax cross-entropy';
}

/** Real targets, float [N]. */
export function valuesOf(model: ModelValue, loss: string): HostArray {
  refuseDensity(model, loss);
  const { targets } = model.dataset;
  if (targets.kind === 'values') return targets.values;
  return refuse(
    loss,
    'numeric targets',
    describe(model.dataset),
    targets.kind === 'labels'
      ? `Use ${classifier(targets.classes.length)}.`
      : 'Choose a target column in the data node.',
  );
}

/** Class indices, int [N], of at least two classes; exactly two with `binary`. */
export function labelsOf(model: ModelValue, loss: string, binary: boolean): HostArray {
  refuseDensity(model, loss);
  const { targets } = model.dataset;
  const expected = binary ? 'targets with two classes' : 'targets with at least two classes';
  const got = describe(model.dataset);
  if (targets.kind === 'none') {
    return refuse(loss, expected, got, 'Choose a target column in the data node.');
  }
  if (targets.kind === 'values') {
    return refuse(loss, expected, got, 'Use squared error, or choose a categorical target.');
  }
  if (targets.classes.length < 2) {
    return refuse(loss, expected, got, 'Choose a target column with several classes.');
  }
  if (binary && targets.classes.length > 2) {
    return refuse(loss, expected, got, 'Use softmax cross-entropy.');
  }
  return targets.labels;
}
