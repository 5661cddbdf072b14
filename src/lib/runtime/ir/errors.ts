/** The shapes or dtypes given to an operation do not fit; the message names the operation, what it expects and what it got. */
export class ShapeError extends Error {
  readonly code = 'shape';
  /** The operation, e.g. `matmul`. */
  readonly operation: string;

  constructor(operation: string, expected: string, got: string, remedy = '') {
    super(`${operation}: expected ${expected}, got ${got}.${remedy ? ` ${remedy}` : ''}`);
    this.name = 'ShapeError';
    this.operation = operation;
  }
}

/** An operation was used where no program is being traced, or on a value of a program that is already finished. */
export class TraceError extends Error {
  readonly code = 'trace';

  constructor(message: string) {
    super(message);
    this.name = 'TraceError';
  }
}
