/**
 * Why a node can't be evaluated, for the person who wired it. The engine adds which node it is; `port` names the input or
 * the parameter at fault. The code `waiting` says that a person has yet to choose something. Messages read `<where>: expected <condition>, got <value>. <Remedy>.`
 */
export class NodeError extends Error {
  readonly code: string;
  readonly port: string | undefined;

  constructor(code: string, message: string, port?: string) {
    super(message);
    this.name = 'NodeError';
    this.code = code;
    this.port = port;
  }
}
