export type ProblemCode =
  | 'unknown-type'
  | 'newer-version'
  | 'migration'
  | 'unknown-param'
  | 'param'
  | 'unknown-port'
  | 'type-mismatch'
  | 'several-wires';

/** Something a person should know of a document that could be opened all the same. */
export interface DocumentProblem {
  readonly code: ProblemCode;
  readonly nodeId: string;
  readonly param?: string;
  readonly port?: string;
  readonly message: string;
}
