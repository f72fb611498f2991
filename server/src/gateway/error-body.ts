/** A refusal as OpenAI's error object, which all answers and streams of the API use. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import { HTTP_STATUS } from "../errors.ts";
import type { Refusal } from "../errors.ts";

export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
}

/** OpenAI's names of codes that clients react to: an agent shortens its prompt on `context_length_exceeded`. */
const OFFICIAL_CODES: Partial<Record<ErrorCode, string>> = { context_overflow: "context_length_exceeded" };

/** The error body under `/v1`, where codes have OpenAI's names. */
export function officialErrorBody(refusal: Refusal): ErrorBody {
  const { error } = errorBody(refusal);
  return { error: { ...error, code: OFFICIAL_CODES[refusal.code] ?? error.code } };
}

export function errorBody(refusal: Refusal): ErrorBody {
  const status = HTTP_STATUS[refusal.code];
  const type = status >= 500 ? "server_error" : status === 429 ? "rate_limit_error" : "invalid_request_error";
  return { error: { message: refusal.message, type, param: refusal.param ?? null, code: refusal.code } };
}
