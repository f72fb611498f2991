/** An error in toncenter's format; HTTP status and code are equal: 422 for invalid input, 500 for a network refusal. */
export class RpcFault extends Error {
  override readonly name = "RpcFault";
  readonly code: 422 | 429 | 500;
  constructor(code: 422 | 429 | 500, message: string) {
    super(message);
    this.code = code;
  }
}
