/** A refusal as OpenAI's error object, which all answers and streams of the API use. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import { hideKeys } from "@starai/protocol/hide-keys";
import { HTTP_STATUS } from "../errors.ts";
import type { Refusal } from "../errors.ts";

export interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string };
}

/**
 * OpenAI's names of codes that clients react to: an agent shortens its prompt on `context_length_exceeded`, and gives up
 * at once on `insufficient_quota`.
 */
const OFFICIAL_CODES: Partial<Record<ErrorCode, string>> = {
  context_overflow: "context_length_exceeded",
  payment_required: "insufficient_quota",
};

/** OpenAI's types by status; below 500 the others are the request's own fault. */
const TYPES: Partial<Record<number, string>> = { 402: "insufficient_quota", 429: "rate_limit_error" };

/** A pause ends by a fresh rate within a minute, or by a person; official clients wait by themselves for at most a minute. */
const RETRY_AFTER_S: Partial<Record<ErrorCode, number>> = { payments_paused: 30 };

/** The error body under `/v1`, where codes have OpenAI's names. */
export function officialErrorBody(refusal: Refusal): ErrorBody {
  const { error } = errorBody(refusal);
  return { error: { ...error, code: OFFICIAL_CODES[refusal.code] ?? error.code } };
}

/** Every error that leaves the server is made here, and none shows an API key that was sent in a wrong place. */
export function errorBody(refusal: Refusal): ErrorBody {
  const status = HTTP_STATUS[refusal.code];
  const type = TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");
  const param = refusal.param === undefined ? null : hideKeys(refusal.param);
  return { error: { message: hideKeys(refusal.message), type, param, code: refusal.code } };
}

/** Seconds after which trying again makes sense, for the header; undefined where it does not by itself. */
export function retryAfterOf(refusal: Refusal): number | undefined {
  return refusal.retryAfterS ?? RETRY_AFTER_S[refusal.code];
}
