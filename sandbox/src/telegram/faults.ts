/** Faults by rule: the next calls of a method go wrong as asked, so that a bot's recovery can be watched. */
import { z } from "zod";

export const FaultRule = z.strictObject({
  /** A method's name, or "*" for any. */
  method: z.string().min(1).max(64),
  kind: z
    .enum(["429", "500", "timeout", "drop"])
    .describe("timeout: no answer for a minute; drop: the connection is cut"),
  count: z.int().min(1).max(1_000).default(1),
  /** Seconds, told with 429. */
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

  /** Takes one fault for this method, or null. Older rules are used up first. */
  take(method: string): FaultRule | null {
    const name = method.toLowerCase();
    const rule = this.#rules.find((rule) => rule.method === name || rule.method === "*");
    if (!rule) return null;
    rule.count -= 1;
    if (rule.count === 0) this.#rules = this.#rules.filter((other) => other !== rule);
    return rule;
  }
}
