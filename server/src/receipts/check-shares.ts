/**
 * Whether a job's shares are what its price, its tokens and its work make of them. Pure. A receipt does not say which
 * shares are of one attempt, and need not: machines of a group stand side by side, and their layers make up the model's.
 */
import type { Receipt, ReceiptJob, WorkedShare } from "@starai/protocol/receipts";
import { divideBill } from "../prices/bill.ts";
import { divideByWork } from "../prices/divide-by-work.ts";

/** The workers' part by the tokens each delivered, and of a group by the work of each; a slow one keeps at least half. */
export function faultsInShares(job: ReceiptJob, { feeBasisPoints }: Receipt["price"], name: string): string[] {
  const { amount, workers, promptTokens: prompt, cachedTokens: cached } = job;
  const groups = attemptsIn(workers);
  const attempts = groups.map(([first]) => first!);
  const { shares } = divideBill(BigInt(amount), { tokens: { prompt, cached }, attempts, feeBasisPoints });
  return groups.flatMap((group, at) => faultsInAttempt(group, shares[at]!.amount, name));
}

export function unless(isRight: boolean, fault: string): string[] {
  return isRight ? [] : [fault];
}

/** The shares of each attempt. One without `work` is an attempt of its own. */
function attemptsIn(shares: readonly WorkedShare[]): WorkedShare[][] {
  const attempts: WorkedShare[][] = [];
  let missing = 0;
  for (const share of shares) {
    const goesOn = missing > 0 && share.work !== undefined;
    if (goesOn) attempts.at(-1)!.push(share);
    else attempts.push([share]);
    missing = (goesOn ? missing : (share.work?.ofLayers ?? 0)) - (share.work?.layers ?? 0);
  }
  return attempts;
}

function faultsInAttempt(group: readonly WorkedShare[], part: bigint, name: string): string[] {
  const due = divideByWork(
    part,
    group.map(({ work }) => work?.bytes ?? 1),
  );
  return [...faultsInGroup(group, name), ...group.flatMap((share, at) => faultsInShare(share, due[at]!, name))];
}

/** Machines of one attempt did it all, each some of it, and did it together. */
function faultsInGroup(group: readonly WorkedShare[], name: string): string[] {
  const [{ work, tokens, isFalse }] = group as [WorkedShare];
  if (work === undefined) return [];
  const sum = (what: "layers" | "bytes") => group.reduce((all, share) => all + share.work![what], 0);
  const [layers, bytes] = [sum("layers"), sum("bytes")];
  const isTold = group.every((share) => share.work!.ofBytes === bytes && share.work!.ofLayers === work.ofLayers);
  const isOne = group.every((share) => share.tokens === tokens && share.isFalse === isFalse);
  return [
    ...unless(layers === work.ofLayers, `${name} has a group that computed ${layers} of ${work.ofLayers} layers.`),
    ...unless(isTold, `${name} has a group whose machines' work does not add up to what each says of it.`),
    ...unless(isOne, `${name} has a group whose machines did not deliver the same tokens together.`),
  ];
}

function faultsInShare({ worker, isFalse, ...share }: WorkedShare, due: bigint, name: string): string[] {
  const [earned, withheld] = [BigInt(share.amount), BigInt(share.withheld ?? "0")];
  const gives = `${name} gives worker ${worker} ${earned}`;
  return [
    ...unless(
      earned + withheld === due,
      `${gives}${withheld > 0n ? ` and withholds ${withheld}` : ""}, and its tokens are worth ${due}.`,
    ),
    ...unless(withheld <= earned, `${gives} and withholds ${withheld}, more than half.`),
    ...unless(withheld === 0n || !isFalse, `${name} withholds from worker ${worker}, whose share goes to refunds.`),
  ];
}
