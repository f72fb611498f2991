/**
 * Checks a receipt with nothing but the house's published keys: who signed it, and whether its numbers follow from one
 * another. Pure. A receipt without faults says what the house said; that the tokens were counted rightly it cannot show.
 */
import type { Receipt, ReceiptJob, ReceiptKey, ReceiptLeg, SignedReceipt } from "@starai/protocol/receipts";
import { priceOf } from "../prices/bill.ts";
import { faultsInShares, unless } from "./check-shares.ts";
import { isSignedBy, keyId } from "./receipt-key.ts";
import { readReceipt } from "./receipt-text.ts";

export interface CheckedReceipt {
  /** Null where the text is none. */
  readonly receipt: Receipt | null;
  /** A sentence for each; none: it is right. */
  readonly faults: readonly string[];
}

/** Clocks of two machines may differ by so much: a receipt closed later than this after its key's end is not the house's. */
const CLOCKS_DIFFER_MS = 60 * 60_000;

export function checkReceipt(signed: SignedReceipt, keys: readonly ReceiptKey[]): CheckedReceipt {
  const receipt = readReceipt(signed.receipt);
  const faults = signatureFaults(signed, keys);
  if (receipt === null) return { receipt, faults: [...faults, "The text is not a receipt in its one form."] };
  const key = keys.find(({ id }) => id === signed.key);
  return { receipt, faults: [...faults, ...timeFaults(receipt, key), ...faultsInNumbers(receipt)] };
}

function signatureFaults({ receipt: text, key: id, signature }: SignedReceipt, keys: readonly ReceiptKey[]): string[] {
  const key = keys.find((one) => one.id === id);
  if (key === undefined) return [`The key ${id} is not among the published ones.`];
  if (keyId(key.publicKey) !== id) return [`The key ${id} does not begin its public key.`];
  return isSignedBy(key.publicKey, { text, signature }) ? [] : ["The signature is not one of this text by this key."];
}

function timeFaults({ closedAt }: Receipt, key: ReceiptKey | undefined): string[] {
  if (key?.retiredAt == null) return [];
  const late = Date.parse(closedAt) > Date.parse(key.retiredAt) + CLOCKS_DIFFER_MS;
  return late ? [`It is of ${closedAt}, but its key was retired on ${key.retiredAt}.`] : [];
}

/** What does not follow from the receipt's own numbers, in sentences. */
export function faultsInNumbers(receipt: Receipt): string[] {
  const odd = oddAmounts(receipt);
  // Nothing can be computed from what is no amount.
  if (odd.length > 0) return odd;
  return [...receipt.jobs.flatMap((_, at) => faultsInJob(receipt, at)), ...faultsInSums(receipt)];
}

function oddAmounts({ amount, returned, jobs, legs, price: { perMillion } }: Receipt): string[] {
  const named: [string, string][] = [
    ["The amount", amount],
    ["What was returned", returned],
    ...Object.entries(perMillion).map(([kind, price]): [string, string] => [`The price of ${kind} tokens`, price]),
    ...legs.map((leg, at): [string, string] => [`Leg ${at + 1}`, leg.amount]),
    ...jobs.map((job, at): [string, string] => [`The amount of job ${at + 1}`, job.amount]),
    ...jobs.flatMap(({ workers }, at) =>
      workers.flatMap(({ amount: share, withheld = "0" }): [string, string][] => [
        [`A share of job ${at + 1}`, share],
        [`What is withheld of a share of job ${at + 1}`, withheld],
      ]),
    ),
  ];
  return named
    .filter(([, value]) => String(BigInt(value)) !== value || value.startsWith("-"))
    .map(([name, value]) => `${name} is written ${value}, which is no amount.`);
}

function faultsInJob({ price, paidWith, jobs }: Receipt, at: number): string[] {
  const job = jobs[at]!;
  const name = `Job ${at + 1}`;
  if (job.cachedTokens > job.promptTokens) return [`${name} has more cached tokens than tokens of a prompt.`];
  const amount = BigInt(job.amount);
  const cost = priceOf(pricesOf(price), {
    prompt: job.promptTokens,
    cached: job.cachedTokens,
    answer: job.answerTokens,
  });
  const mayBeCut = isPaid(paidWith) && (job.purpose === "repair" || isLast(jobs, at));
  return [
    ...unless(amount === cost || (amount < cost && mayBeCut), `${name} costs ${cost} at the price, not ${job.amount}.`),
    ...faultsInShares(job, price, name),
    ...unless(!job.paid || job.purpose !== "repair", `${name} is a repair, which nobody pays.`),
    ...unless(!job.paid || isPaid(paidWith), `${name} is paid, in an answer that cost nothing.`),
  ];
}

function pricesOf({ perMillion: { prompt, cached, answer } }: Receipt["price"]) {
  return { prompt: BigInt(prompt), cached: BigInt(cached), answer: BigInt(answer) };
}

/** What was set aside for the answer was used up by it: then it cost no more than was left. */
function isLast(jobs: Receipt["jobs"], at: number): boolean {
  return jobs.slice(at + 1).every(({ purpose, amount }) => purpose === "repair" || amount === "0");
}

function faultsInSums({ amount, returned, jobs, legs, paidWith, outcome, price, escrow }: Receipt): string[] {
  const paid = sumOf(jobs.filter((job) => job.paid).map((job) => job.amount));
  const all = sumOf(jobs.map((job) => job.amount));
  const given = sumOf(legs.map((leg) => leg.amount));
  const free = BigInt(amount) === 0n && BigInt(returned) === 0n;
  return [
    ...unless(given === BigInt(amount), `The legs add up to ${given}, not to the amount ${amount}.`),
    ...unless(paid === BigInt(amount), `The paid jobs add up to ${paid}, not to the amount ${amount}.`),
    ...unless(BigInt(returned) <= all, `${returned} was returned, more than all jobs cost: ${all}.`),
    ...unless(escrow === undefined || paidWith === "coin", `It names an escrow, but was paid with ${paidWith}.`),
    ...unless(isPaid(paidWith) || free, `It was paid with nothing (${paidWith}), but has amounts.`),
    ...unless(outcome !== "failed" || BigInt(amount) === 0n, `The answer failed, but cost ${amount}.`),
    ...unless(
      BigInt(returned) === 0n || BigInt(amount) === 0n,
      `${returned} was returned, but ${amount} was kept: a failed answer is returned whole.`,
    ),
    ...unless(new Set(jobs.map(({ job }) => job)).size === jobs.length, "A job is in it twice."),
    ...faultsInLegs(jobs, { legs, price }),
  ];
}

/**
 * Who got it follows from the paid jobs: shares to workers, those of false output to refunds, what was withheld to
 * machines that are there, the rest to the house.
 */
function faultsInLegs(jobs: Receipt["jobs"], { legs, price }: Pick<Receipt, "legs" | "price">): string[] {
  const due = sumsBy(jobs.filter((job) => job.paid).flatMap((job) => dueOf(job, price)));
  const got = sumsBy(legs.map(({ to, worker, amount }) => [nameOf(to, worker), BigInt(amount)]));
  const misplaced = legs.filter(({ to, worker }) => (to === "worker") !== (worker !== null));
  const names = [...new Set([...due.keys(), ...got.keys()])];
  return [
    ...misplaced.map(({ to }) => `A leg to ${to} ${to === "worker" ? "names no worker" : "names a worker"}.`),
    ...names.flatMap((name) =>
      unless(
        (due.get(name) ?? 0n) === (got.get(name) ?? 0n),
        `${name} got ${got.get(name) ?? 0n}, and is due ${due.get(name) ?? 0n} by the jobs.`,
      ),
    ),
  ];
}

type Due = readonly [name: string, amount: bigint];

function dueOf({ amount, workers }: ReceiptJob, { lossBasisPoints }: Receipt["price"]): Due[] {
  const shares = workers.flatMap((one): Due[] => [
    [nameOf(one.isFalse ? "refunds" : "worker", one.isFalse ? null : one.worker), BigInt(one.amount)],
    ["availability", BigInt(one.withheld ?? "0")],
  ]);
  const left = BigInt(amount) - shares.reduce((sum, [, share]) => sum + share, 0n);
  const asked = (BigInt(amount) * BigInt(lossBasisPoints)) / 10_000n;
  const reserve = asked < left ? asked : left;
  return [...shares, ["loss_reserve", reserve], ["fee", left - reserve]];
}

function nameOf(to: ReceiptLeg["to"], worker: string | null): string {
  return to === "worker" ? `worker ${worker}` : to;
}

function isPaid(paidWith: Receipt["paidWith"]): boolean {
  return paidWith === "stars" || paidWith === "coin";
}

function sumOf(amounts: readonly string[]): bigint {
  return amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
}

function sumsBy(named: readonly Due[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [name, amount] of named) sums.set(name, (sums.get(name) ?? 0n) + amount);
  return sums;
}
