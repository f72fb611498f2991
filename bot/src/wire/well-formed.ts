/**
 * Telegram rejects a text that contains half an emoji. A cut in the wrong place or a model's odd output must not
 * cost the message, so whatever is sent is made well-formed first.
 */
import type { Transformer } from "grammy";

export const wellFormed: Transformer = (call, method, payload, signal) => call(method, repaired(payload), signal);

/** Returns the same value if there is nothing to repair, which is nearly always the case. */
function repaired<Value>(value: Value): Value {
  if (typeof value === "string") return (value.isWellFormed() ? value : value.toWellFormed()) as Value;
  if (Array.isArray(value)) return value.map(repaired) as Value;
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, repaired(inner)])) as Value;
}

/** Not a file, nor a keyboard that knows how to write itself. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
