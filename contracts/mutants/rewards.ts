import type { Mutant } from "./mutant.ts";

const account = (
  fault: string,
  from: string,
  to: string,
  file = "contributor-account/ContributorAccount.tolk",
): Mutant => {
  const tests = ["contributor-account", "reward-distributor", "claim-faults", "reward-strangers"];
  return { fault, contract: "ContributorAccount", file, from, to, tests };
};
const distributor = (
  fault: string,
  from: string,
  to: string,
  file = "reward-distributor/RewardDistributor.tolk",
): Mutant => {
  const tests = ["reward-distributor", "contributor-account", "claim-faults", "reward-strangers", "stolen-publisher"];
  return { fault, contract: "RewardDistributor", file, from, to, tests };
};

/** Faults of the reward contracts that somebody could have written. */
export const rewardMutants: Mutant[] = [
  account(
    "a claim pays the whole leaf each time",
    "min(msg.cumulative - storage.claimed, msg.limit)",
    "min(msg.cumulative, msg.limit)",
  ),
  account(
    "a replayed claim is let through",
    "assert (msg.cumulative > storage.claimed) throw ERROR_NOTHING_TO_CLAIM;",
    "",
  ),
  account("a bounced payout is lost", "storage.claimed -= payOut.amount;", ""),
  account(
    "anybody can forge a bounce",
    "assert (in.senderAddress == storage.distributor) throw ERROR_NOT_THE_DISTRIBUTOR;\n    val bounced",
    "val bounced",
  ),
  account(
    "a payout bounces without its sponsor's address",
    "bounce: BounceMode.RichBounce,",
    "bounce: BounceMode.RichBounceOnlyRootCell,",
  ),
  account(
    "a new request does not restart the clock",
    "storage.unbondAt = blockchain.now() + UNBOND_SECONDS;",
    "if (storage.unbondAt == 0) { storage.unbondAt = blockchain.now() + UNBOND_SECONDS; }",
  ),
  account("unbonding pays at once", "assert (blockchain.now() >= storage.unbondAt) throw ERROR_STILL_UNBONDING;", ""),
  account(
    "a disputed amount can leave",
    "storage.stake + storage.unbonding - storage.disputes().disputed",
    "storage.stake + storage.unbonding",
  ),
  account(
    "the cap forgets what was slashed before",
    "val slashed = disputes.slashedInWindow + msg.amount;",
    "val slashed = msg.amount;",
  ),
  account(
    "a cancelled slash can be proposed again at once",
    "disputes.coolUntil = blockchain.now() + COOL_DOWN_SECONDS;",
    "",
  ),
  account(
    "there is no time to appeal",
    "assert (blockchain.now() >= disputes.executeAfter) throw ERROR_APPEAL_OPEN;",
    "",
  ),
  account(
    "burning is paid out of the stake",
    "reserveToncoinsOnBalance(max(before - burned, 0), RESERVE_MODE_AT_MOST);",
    "reserveToncoinsOnBalance(max(before - burned - 1000000, 0), RESERVE_MODE_AT_MOST);",
  ),
  distributor(
    "a stranger pays himself out",
    "assert (in.senderAddress == accountOf(msg.owner, storage.accountCode).calculateAddress()) throw ERROR_NOT_THE_ACCOUNT;",
    "",
  ),
  distributor(
    "any tree proves a leaf",
    "assert ((proof.root == history.previousRoot) & (proof.root != 0)) throw ERROR_FORGED_PROOF;",
    "",
  ),
  distributor(
    "the previous root is forgotten",
    "assert ((proof.root == history.previousRoot) & (proof.root != 0))",
    "assert (proof.root == 0)",
  ),
  distributor(
    "a payout does not drain the bucket",
    "storage.bucket = bucket - msg.amount;",
    "storage.bucket = bucket;",
  ),
  distributor(
    "the bucket refills without a limit",
    "return min(BUCKET_EPOCHS * epochCap, bucket + mulDivFloor",
    "return max(0, bucket + mulDivFloor",
  ),
  distributor("what was paid is not counted", "storage.totalPaid += msg.amount;", ""),
  distributor(
    "a root is current at once",
    "assert (blockchain.now() >= storage.pendingActiveAt) throw ERROR_DELAY_OPEN;",
    "",
  ),
  distributor(
    "the epoch cap is not checked",
    "assert (published.totalCum - storage.totalCum <= storage.epochCap) throw ERROR_ABOVE_EPOCH_CAP;",
    "",
  ),
  distributor(
    "equal leaves veto a root",
    "assert (current.leafOf(msg.owner) > pending.leafOf(msg.owner))",
    "assert (current.leafOf(msg.owner) >= pending.leafOf(msg.owner))",
  ),
  distributor(
    "the guardian freezes for ever",
    "assert (blockchain.now() >= storage.frozenUntil + FREEZE_PAUSE_SECONDS) throw ERROR_FREEZE_TOO_SOON;",
    "",
  ),
  distributor(
    "an old root can be revoked",
    "assert (blockchain.now() < storage.activatedAt + REVOKE_SECONDS) throw ERROR_ROOT_IS_FINAL;",
    "",
  ),
  distributor("slashes are not counted", "control.slashesToday += 1;", ""),
  distributor(
    "anybody accepts the guardian's role",
    "assert ((control.nextGuardian != null) && (in.senderAddress == control.nextGuardian!)) throw ERROR_NOT_THE_GUARDIAN;",
    "",
  ),
];
