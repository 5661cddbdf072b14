/** The first message to a new worker, before those of the protocol. */
export const HELLO = 'hello';
export interface Hello {
  readonly type: typeof HELLO;
  readonly appBase: string;
}
