/** An error in Telegram's own words: bots match on these texts, so they are part of the contract. */
import type { ResponseParameters } from "@grammyjs/types";

export class TelegramError extends Error {
  override readonly name = "TelegramError";
  readonly code: number;
  readonly parameters: ResponseParameters | undefined;

  constructor(code: number, description: string, parameters?: ResponseParameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }

  static badRequest(what: string): TelegramError {
    return new TelegramError(400, `Bad Request: ${what}`);
  }

  static tooManyRequests(retryAfterS: number): TelegramError {
    return new TelegramError(429, `Too Many Requests: retry after ${retryAfterS}`, { retry_after: retryAfterS });
  }

  /** The Bot API's error envelope. */
  body(): { ok: false; error_code: number; description: string; parameters?: ResponseParameters } {
    return {
      ok: false,
      error_code: this.code,
      description: this.message,
      ...(this.parameters ? { parameters: this.parameters } : {}),
    };
  }
}
