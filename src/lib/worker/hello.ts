/** The first message to a new worker, before those of the protocol. */
export const HELLO = 'hello';
export interface Hello {
  readonly type: typeof HELLO;
  readonly appBase: string;
  /** A Web Lock that the worker holds as long as it lives; taken before it says that it is ready. */
  readonly lock: string;
}
