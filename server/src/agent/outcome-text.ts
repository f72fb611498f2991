/** What a person reads when a run could not answer, in their language, with what to do next. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };

/** Codes with a text of their own; all others read "something broke on our side". */
const TOLD: Partial<Record<ErrorCode, keyof typeof en>> = {
  no_worker: "outcome.no_worker",
  model_not_found: "outcome.no_worker",
  queue_full: "outcome.queue_full",
  context_overflow: "outcome.too_long",
  too_large: "outcome.too_long",
  deadline: "outcome.deadline",
  attempts_exhausted: "outcome.attempts_exhausted",
  output_invalid: "outcome.output_invalid",
  output_truncated: "outcome.output_truncated",
  step_cap: "outcome.step_cap",
  interrupted: "outcome.interrupted",
  payment_required: "outcome.payment_required",
  cap_reached: "outcome.cap_reached",
  payments_paused: "outcome.payments_paused",
};

export function outcomeText(code: ErrorCode, language: string): string {
  const texts: Record<string, string> = speaksRussian(language) ? ru : en;
  const key = TOLD[code] ?? "outcome.internal";
  return texts[key] ?? en[key];
}

/** Russian itself, and languages in whose countries Russian is understood better than English. */
export function speaksRussian(language: string): boolean {
  return /^(?:ru|uk|be|kk)\b/iu.test(language);
}
