/** For tests of crashes: numbered answers, each a hold, two captures and a release, whose keys tell their number. */
import type { AccountId, Operation } from "../ledger/rules/operation.ts";

export interface TrafficAccounts {
  readonly persons: readonly AccountId[];
  readonly workers: readonly AccountId[];
  readonly fees: AccountId;
}

/** Steps of an answer that leave a row of their own. */
export const EFFECTS = 3;
export const [HELD, EARNED, FEE] = [1_000n, 90n, 10n];
const DAY = "2026-11-29";
const EXPIRES = new Date("2999-01-01T00:00:00Z");
const CAP = 10n ** 17n;

/** The operations of one answer, in their order. @param tries  0, except where a guard is taken away on purpose */
export function answerOperations(
  answer: number,
  { persons, workers, fees }: TrafficAccounts,
  tries: (step: number) => number,
): Operation[] {
  const person = answer % persons.length;
  const hold = keyOf(answer, 0, tries(0));
  const legs = [
    { to: workers[answer % workers.length]!, amount: EARNED, kind: "earned" },
    { to: fees, amount: FEE, kind: "fee" },
  ];
  const caps = [{ owner: `person:${person}`, amount: CAP }];
  return [
    { verb: "hold", id: hold, account: persons[person]!, amount: HELD, day: DAY, caps, expiresAt: EXPIRES },
    { verb: "capture", key: keyOf(answer, 1, tries(1)), hold, legs },
    { verb: "capture", key: keyOf(answer, 2, tries(2)), hold, legs },
    { verb: "release", hold },
  ];
}

function keyOf(answer: number, step: number, tries: number): string {
  return `${answer.toString(16).padStart(8, "0")}-000${step}-4000-8000-${tries.toString(16).padStart(12, "0")}`;
}

/** Which step of which answer a key belongs to. */
export function effectOf(key: string): string {
  return `${Number.parseInt(key.slice(0, 8), 16)} ${Number(key.slice(9, 13))}`;
}
