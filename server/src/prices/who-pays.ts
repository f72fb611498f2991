/**
 * Who pays for a job, by how its answer ended. A person pays for what they got; for an answer that failed they pay
 * nothing, and the house pays its workers out of a loss account, because the failure was not theirs.
 */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { Outcome } from "@starai/protocol/runs";
import type { FinishReason } from "@starai/protocol/worker-frames";
import type { JobBill, WorkerShare } from "./bill.ts";

/**
 * Each end, and who pays the workers. `payer`: the one who asked pays for every delivered token, workers get their
 * shares of it and the house its fee. `loss`: the one who asked pays nothing, and steps already captured come back;
 * workers get the same shares from the house, as long as the day's losses allow.
 */
export const WHO_PAYS = {
  answered: "payer",
  asked: "payer",
  /** By the person, or because the client went away. */
  stopped: "payer",
  /** The person deleted the conversation while its answer was written. */
  deleted: "payer",
  /** The answer is as long as it may be. */
  length: "payer",
  /** Deadline, attempts, step cap, a form left, a fault of ours: anything that kept the answer from its end. */
  failed: "loss",
  /** A second attempt because the first left its form: the attempt that was not used. */
  repair: "loss",
  audit: "loss",
  canary: "loss",
  /** A conversation's name, written by the model. */
  title: "loss",
} as const satisfies Record<string, "payer" | "loss">;
export type BilledEnd = keyof typeof WHO_PAYS;

/** How an agent's answer ended. */
export function endOfRun(outcome: Outcome): BilledEnd {
  return outcome.kind === "failed" ? endOfFailure(outcome.code) : outcome.kind;
}

/** How a single job ended, as one of `/v1` does. */
export function endOfJob(
  end: { kind: "done"; finishReason: FinishReason } | { kind: "failed"; code: ErrorCode },
): BilledEnd {
  if (end.kind === "failed") return endOfFailure(end.code);
  return end.finishReason === "length" ? "length" : "answered";
}

function endOfFailure(code: ErrorCode): BilledEnd {
  if (code === "cancelled") return "stopped";
  // An answer ends as not found only when its conversation is gone.
  return code === "not_found" ? "deleted" : "failed";
}

/** Whose account money leaves or enters. `payer` is the account the answer is paid from, a promotion's as well. */
export type Party =
  | { readonly kind: "payer" | "fees" | "refunds" | "loss" }
  | { readonly kind: "earner"; readonly worker: string };

/** One posting; the amount is above zero. */
export interface Leg {
  readonly from: Party;
  readonly to: Party;
  readonly amount: bigint;
}

/** A job of the answer; `captured`: its legs were written when its step ended. */
export interface EndedJob {
  readonly bill: JobBill;
  readonly captured: boolean;
}

const PAYER: Party = { kind: "payer" };
const FEES: Party = { kind: "fees" };
const REFUNDS: Party = { kind: "refunds" };
const LOSS: Party = { kind: "loss" };

/**
 * The postings that an end still needs, in the jobs' order. A step that ends while its answer goes on has the end
 * `answered` by itself.
 * @param lossLeft  what the house may still lose today; workers beyond it go unpaid for failed answers
 */
export function legsOf(
  end: BilledEnd,
  { jobs, lossLeft }: { jobs: readonly EndedJob[]; lossLeft: bigint },
): readonly Leg[] {
  if (WHO_PAYS[end] === "payer")
    return jobs.filter(({ captured }) => !captured).flatMap(({ bill }) => captureLegs(bill));
  let left = lossLeft;
  const lose = (amount: bigint): bigint => {
    const lost = amount < left ? amount : left;
    left -= lost;
    return lost;
  };
  return jobs.flatMap(({ bill, captured }) => (captured ? reversalLegs(bill, lose) : lossLegs(bill, lose)));
}

/** Of a day's captures. Without a cap an accomplice could make failures for money. */
const LOSS_PERCENT = 5n;

/** What the house may still lose today, given the day's captures and losses so far. */
export function lossLeftOf({ captured, lost }: { captured: bigint; lost: bigint }): bigint {
  const left = (captured * LOSS_PERCENT) / 100n - lost;
  return left > 0n ? left : 0n;
}

function captureLegs({ shares, fee }: JobBill): Leg[] {
  const toWorkers = shares.map((share) => ({
    from: PAYER,
    to: share.isFalse ? REFUNDS : earner(share),
    amount: share.amount,
  }));
  return withoutEmpty([...toWorkers, { from: PAYER, to: FEES, amount: fee }]);
}

/** The payer gets everything back: from the house what it had, and for what workers keep, from the losses. */
function reversalLegs({ shares, fee }: JobBill, lose: (amount: bigint) => bigint): Leg[] {
  const back = shares.flatMap((share) => {
    if (share.isFalse) return [{ from: REFUNDS, to: PAYER, amount: share.amount }];
    const lost = lose(share.amount);
    return [
      { from: LOSS, to: PAYER, amount: lost },
      { from: earner(share), to: PAYER, amount: share.amount - lost },
    ];
  });
  return withoutEmpty([...back, { from: FEES, to: PAYER, amount: fee }]);
}

function lossLegs({ shares }: JobBill, lose: (amount: bigint) => bigint): Leg[] {
  const honest = shares.filter(({ isFalse }) => !isFalse);
  return withoutEmpty(honest.map((share) => ({ from: LOSS, to: earner(share), amount: lose(share.amount) })));
}

function earner({ worker }: WorkerShare): Party {
  return { kind: "earner", worker };
}

function withoutEmpty(legs: readonly Leg[]): Leg[] {
  return legs.filter(({ amount }) => amount > 0n);
}
