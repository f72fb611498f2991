/** A refusal as toncenter words it: HTTP status and code are the same number. 422 for what cannot be read, 500 for what the network refused. */
export class RpcFault extends Error {
  override readonly name = "RpcFault";
  readonly code: 422 | 429 | 500;
  constructor(code: 422 | 429 | 500, message: string) {
    super(message);
    this.code = code;
  }
}
