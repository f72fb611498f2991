/** Every refusal StarAI makes has one of these codes; texts may change, codes do not. */
export const ERROR_CODES = [
  "invalid_request",
  "unsupported_schema",
  "unauthorised",
  "replayed",
  "session_expired",
  "signed_out",
  "forbidden",
  /** Nothing left that pays for it: no free answer, no credit. */
  "payment_required",
  /** A cap that its owner set, or the house's default. */
  "cap_reached",
  /** No new paid work for now: no usable rate, or books that are being looked at. */
  "payments_paused",
  "not_found",
  "method_not_allowed",
  "model_not_found",
  "no_worker",
  "queue_full",
  "too_large",
  "context_overflow",
  "conflict",
  "cancelled",
  "attempts_exhausted",
  "deadline",
  "output_invalid",
  "output_truncated",
  "tool_failed",
  "step_cap",
  "interrupted",
  "not_configured",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
