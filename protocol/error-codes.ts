/** Every refusal StarAI makes has one of these codes; texts may change, codes do not. */
export const ERROR_CODES = [
  "invalid_request",
  "unsupported_schema",
  "unauthorised",
  "forbidden",
  "not_found",
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
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
