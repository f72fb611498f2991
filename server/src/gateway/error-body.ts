/** A refusal in the one shape all answers and streams of the API use, which is OpenAI's. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import { HTTP_STATUS } from "../errors.ts";
import type { Refusal } from "../errors.ts";

export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
}

/** Codes of ours that clients of the official API act on by another name: an agent that hears this one shortens its prompt. */
const OFFICIAL_CODES: Partial<Record<ErrorCode, string>> = { context_overflow: "context_length_exceeded" };

/** The same under `/v1`. */
export function officialErrorBody(refusal: Refusal): ErrorBody {
  const { error } = errorBody(refusal);
  return { error: { ...error, code: OFFICIAL_CODES[refusal.code] ?? error.code } };
}

export function errorBody(refusal: Refusal): ErrorBody {
  const status = HTTP_STATUS[refusal.code];
  const type = status >= 500 ? "server_error" : status === 429 ? "rate_limit_error" : "invalid_request_error";
  return { error: { message: refusal.message, type, param: refusal.param ?? null, code: refusal.code } };
}
