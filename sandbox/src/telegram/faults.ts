/** Fault injection: makes the next calls of a method fail as its rule says, to test a bot's recovery. */
import { z } from "zod";

export const FaultRule = z.strictObject({
  /** A method's name, or "*" for any. */
  method: z.string().min(1).max(64),
  kind: z
    .enum(["429", "500", "timeout", "drop"])
    .describe("timeout: no answer for a minute; drop: the connection is cut"),
  count: z.int().min(1).max(1_000).default(1),
  /** The `retry_after` of a 429, seconds. */
  retryAfter: z.int().min(1).max(600).default(1),
});
export type FaultRule = z.infer<typeof FaultRule>;

const RULES_MAX = 100;

export class Faults {
  #rules: FaultRule[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ ...rule, method: rule.method.toLowerCase() });
    if (this.#rules.length > RULES_MAX) this.#rules.shift();
  }

  /** Consumes one fault for this method; null when there is none. Older rules come first. */
  take(method: string): FaultRule | null {
    const name = method.toLowerCase();
    const rule = this.#rules.find((rule) => rule.method === name || rule.method === "*");
    if (!rule) return null;
    rule.count -= 1;
    if (rule.count === 0) this.#rules = this.#rules.filter((other) => other !== rule);
    return rule;
  }
}
