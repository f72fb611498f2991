/** Refusals: each has a code from the protocol and a message that says what to do next. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import { databaseFault } from "./db/database-fault.ts";
import type { DatabaseFault } from "./db/database-fault.ts";

export interface RefusalDetails {
  /** Where in the request the fault is: a field name or a JSON pointer. */
  param?: string;
  /** Seconds after which trying again makes sense. */
  retryAfterS?: number;
  cause?: unknown;
}

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, details: RefusalDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.param = details.param;
    this.retryAfterS = details.retryAfterS;
  }
}

/** The one table from code to HTTP status. */
export const HTTP_STATUS = {
  invalid_request: 400,
  unsupported_schema: 400,
  context_overflow: 400,
  unauthorised: 401,
  replayed: 401,
  session_expired: 401,
  signed_out: 401,
  payment_required: 402,
  cap_reached: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  model_not_found: 404,
  conflict: 409,
  too_large: 413,
  queue_full: 429,
  cancelled: 499,
  internal: 500,
  output_invalid: 502,
  output_truncated: 502,
  tool_failed: 502,
  attempts_exhausted: 503,
  payments_paused: 503,
  no_worker: 503,
  interrupted: 503,
  not_configured: 503,
  step_cap: 500,
  deadline: 504,
} as const satisfies Record<ErrorCode, number>;

export const DATABASE_AWAY = "The database is away; what is stored is safe, and work goes on as soon as it is back.";
export const DISK_FULL = "The database's disk is full: nothing new is accepted until somebody makes room on it.";
/** An embedded database is back within this; a full disk takes a person. */
const RETRY_AFTER_S = { away: 2, full: 30 } as const;

export function databaseRefusal(fault: DatabaseFault, cause?: unknown): Refusal {
  const state = fault === "away" ? DATABASE_AWAY : DISK_FULL;
  return new Refusal("interrupted", `${state} Send this again later.`, { retryAfterS: RETRY_AFTER_S[fault], cause });
}

/** Converts any thrown value to a refusal; an unknown one becomes an internal fault whose details stay in the log. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const fault = databaseFault(error);
  if (fault !== null) return databaseRefusal(fault, error);
  return new Refusal("internal", "Something went wrong on our side; the request can be sent again.", { cause: error });
}

/** Asserts an invariant of our own code. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
