/** A refusal worded as Telegram words it: bots match on these texts, so they are part of the contract. */
export class TelegramError extends Error {
  override readonly name = "TelegramError";
  readonly code: number;
  readonly retryAfterS: number | undefined;

  constructor(code: number, description: string, retryAfterS?: number) {
    super(description);
    this.code = code;
    this.retryAfterS = retryAfterS;
  }

  static badRequest(what: string): TelegramError {
    return new TelegramError(400, `Bad Request: ${what}`);
  }

  static tooManyRequests(retryAfterS: number): TelegramError {
    return new TelegramError(429, `Too Many Requests: retry after ${retryAfterS}`, retryAfterS);
  }

  /** The Bot API's error envelope. */
  body(): { ok: false; error_code: number; description: string; parameters?: { retry_after: number } } {
    return {
      ok: false,
      error_code: this.code,
      description: this.message,
      ...(this.retryAfterS === undefined ? {} : { parameters: { retry_after: this.retryAfterS } }),
    };
  }
}
