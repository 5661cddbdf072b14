/** What a mutant is, and wrong implementations that several of them share. */
import type { ParamValue } from '../../../../src/lib/runtime/graph/document.ts';
import type { Evaluation } from '../../../../src/lib/runtime/graph/node-definition.ts';
import type {
  LinearOperator,
  ModelValue,
  ObjectiveValue,
  OperatorValue,
  RegularizerValue,
} from '../../../../src/lib/runtime/graph/ports.ts';

export type Outputs = NonNullable<Evaluation['outputs']>;
export type Params = Readonly<Record<string, ParamValue>>;

export interface Mutant {
  /** What is wrong, in words. */
  readonly wrong: string;
  /** Parameters by node id, put over those of the template. */
  readonly params?: Readonly<Record<string, Params>>;
  /** Node types by node id; the node then has the parameters of `params` alone. */
  readonly types?: Readonly<Record<string, string>>;
  /** `'node.port > node.port'`, each in the place of all wires that end there. */
  readonly wires?: readonly string[];
  /** Wrong implementations: what a type of node gives, in the place of what it should give. */
  readonly nodes?: Readonly<Record<string, (right: Outputs) => Outputs>>;
  /** Checks that must not pass. */
  readonly fails: readonly string[];
  /** It takes more than a few seconds: for `npm run test:long`. */
  readonly slow?: true;
}

export type Mutants = Readonly<Record<string, readonly Mutant[]>>;

export const operator =
  (change: (right: LinearOperator) => Partial<LinearOperator>) =>
  (outputs: Outputs): Outputs => {
    const right = (outputs.operator as OperatorValue).operator;
    return { operator: { kind: 'operator', operator: { ...right, ...change(right) } } };
  };

export const after = (steps: number, ...ids: readonly string[]): Mutant['params'] =>
  Object.fromEntries(ids.map((id) => [id, { maxSteps: steps }]));

export const objective =
  (change: (right: ObjectiveValue) => Partial<ObjectiveValue>) =>
  (outputs: Outputs): Outputs => {
    const right = outputs.objective as ObjectiveValue;
    return { ...outputs, objective: { ...right, ...change(right) } };
  };

export const regularizer =
  (change: (right: RegularizerValue) => Partial<RegularizerValue>) =>
  (outputs: Outputs): Outputs => {
    const right = outputs.regularizer as RegularizerValue;
    return { regularizer: { ...right, ...change(right) } };
  };

export const model =
  (change: (right: ModelValue) => Partial<ModelValue>) =>
  (outputs: Outputs): Outputs => {
    const right = outputs.model as ModelValue;
    return { model: { ...right, ...change(right) } };
  };
