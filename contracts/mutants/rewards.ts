import type { Mutant } from "./mutant.ts";

type Fault = [fault: string, from: string, to: string];

/** Faults in one file of a contract, and the tests that must catch them, the likeliest first. */
const faults = (contract: string, file: string, tests: readonly string[], list: readonly Fault[]): Mutant[] =>
  list.map(([fault, from, to]) => ({ fault, contract, file, from, to, tests }));

const ACCOUNT = "contributor-account/ContributorAccount.tolk";
const DISTRIBUTOR = "reward-distributor/RewardDistributor.tolk";

const claimsAtTheAccount = faults(
  "ContributorAccount",
  ACCOUNT,
  ["reward-distributor", "claim-faults", "reward-strangers"],
  [
    [
      "a claim pays the whole leaf each time",
      "min(msg.cumulative - storage.claimed, msg.limit)",
      "min(msg.cumulative, msg.limit)",
    ],
    ["a replayed claim is let through", "assert (msg.cumulative > storage.claimed) throw ERROR_NOTHING_TO_CLAIM;", ""],
    ["a bounced payout is lost", "storage.claimed -= payOut.amount;", ""],
    [
      "anybody can forge a bounce",
      "assert (in.senderAddress == storage.distributor) throw ERROR_NOT_THE_DISTRIBUTOR;\n    val bounced",
      "val bounced",
    ],
    [
      "anybody counts a claim",
      "assert (in.senderAddress == storage.distributor) throw ERROR_NOT_THE_DISTRIBUTOR;\n            assert (msg.cumulative",
      "assert (msg.cumulative",
    ],
    [
      "a payout bounces without its sponsor's address",
      "bounce: BounceMode.RichBounce,",
      "bounce: BounceMode.RichBounceOnlyRootCell,",
    ],
  ],
);

const rent = faults(
  "ContributorAccount",
  ACCOUNT,
  ["rent-owed", "claim-starved"],
  [
    ["a claim need not bring the rent owed", "payOutFloor(GAS_ACCRUE) + owed", "payOutFloor(GAS_ACCRUE)"],
    ["the rent owed travels on with the payout", "keepOnBalance(owed);", ""],
    [
      "a claim with any value goes on",
      "assert (in.valueCoins >= payOutFloor(GAS_ACCRUE) + owed) throw ERROR_VALUE_TOO_SMALL;",
      "",
    ],
    [
      "a stake pays the rent owed before it",
      "return accountReserve() + contract.getStorageDuePayment()",
      "return accountReserve()",
    ],
    [
      "nobody is told of the rent owed",
      "accountRent(blockchain.now() - storage.rentCoveredAt)",
      "accountRent(0 * storage.rentCoveredAt)",
    ],
    [
      "a claim that covers the rent does not say so",
      "storage.claimed += amount;\n            storage.rentCoveredAt = blockchain.now();",
      "storage.claimed += amount;",
    ],
  ],
);

const stakes = faults(
  "ContributorAccount",
  ACCOUNT,
  ["contributor-account"],
  [
    [
      "a new request does not restart the clock",
      "storage.unbondAt = blockchain.now() + UNBOND_SECONDS;",
      "if (storage.unbondAt == 0) { storage.unbondAt = blockchain.now() + UNBOND_SECONDS; }",
    ],
    ["unbonding pays at once", "assert (blockchain.now() >= storage.unbondAt) throw ERROR_STILL_UNBONDING;", ""],
    [
      "a disputed amount can leave",
      "storage.stake + storage.unbonding - storage.disputes().openDispute()",
      "storage.stake + storage.unbonding",
    ],
    [
      "the cap forgets what was slashed before",
      "val slashed = disputes.slashedInWindow + msg.amount;",
      "val slashed = msg.amount;",
    ],
    [
      "the cap holds in the first window only",
      "disputes.windowEndsAt = blockchain.now() + SLASH_WINDOW_SECONDS;",
      "if (disputes.windowEndsAt == 0) { disputes.windowEndsAt = blockchain.now() + SLASH_WINDOW_SECONDS; }",
    ],
    [
      "a cancelled slash can be proposed again at once",
      "disputes.coolUntil = blockchain.now() + COOL_DOWN_SECONDS;",
      "disputes.coolUntil = 0;",
    ],
    [
      "an expired slash can be proposed again at once",
      "disputes.coolUntil = disputes.executeAfter + DISPUTE_SECONDS + COOL_DOWN_SECONDS;",
      "",
    ],
    ["an executed slash cools down like an expired one", "disputes.coolUntil = 0;", ""],
    ["there is no time to appeal", "assert (blockchain.now() >= disputes.executeAfter) throw ERROR_APPEAL_OPEN;", ""],
    ["an expired slash can be executed", "assert (disputes.openDispute() > 0) throw ERROR_DISPUTE_EXPIRED;", ""],
    ["a slash takes from the stake first", "min(amount, storage.unbonding)", "max(0, amount - storage.stake)"],
    ["whoever executes a slash is paid it", "dest: disputes.proceeds!,", "dest: in.senderAddress,"],
    [
      "the executor's fees are paid out of the stake",
      "reserveToncoinsOnBalance(before - seized, RESERVE_MODE_AT_MOST);",
      "reserveToncoinsOnBalance(before - seized - 1000000, RESERVE_MODE_AT_MOST);",
    ],
  ],
);

const disputes = faults(
  "ContributorAccount",
  "contributor-account/storage.tolk",
  ["contributor-account"],
  [
    [
      "a dispute never ends",
      "blockchain.now() < self.executeAfter + DISPUTE_SECONDS ? self.disputed : 0",
      "self.disputed",
    ],
  ],
);

const payouts = faults(
  "RewardDistributor",
  DISTRIBUTOR,
  ["reward-distributor", "root-life", "reward-strangers", "claim-faults"],
  [
    [
      "a stranger pays himself out",
      "assert (in.senderAddress == accountOf(msg.owner, storage.accountCode).calculateAddress()) throw ERROR_NOT_THE_ACCOUNT;",
      "",
    ],
    [
      "a payout goes out while frozen",
      "throw ERROR_NOT_THE_ACCOUNT;\n            assert (blockchain.now() >= storage.frozenUntil) throw ERROR_FROZEN;",
      "throw ERROR_NOT_THE_ACCOUNT;",
    ],
    [
      "a payout takes the pool's reserve",
      "val payable = min(min(bucket, storage.totalCum - storage.totalPaid), before - distributorReserve());",
      "val payable = min(min(bucket, storage.totalCum - storage.totalPaid), before);",
    ],
    [
      "a payout ignores the published total",
      "val payable = min(min(bucket, storage.totalCum - storage.totalPaid), before - distributorReserve());",
      "val payable = min(bucket, before - distributorReserve());",
    ],
    [
      "any tree proves a leaf",
      "assert ((proof.root == history.previousRoot) & (proof.root != 0)) throw ERROR_FORGED_PROOF;",
      "",
    ],
    [
      "the previous root is forgotten",
      "assert ((proof.root == history.previousRoot) & (proof.root != 0))",
      "assert (proof.root == 0)",
    ],
    ["a payout does not drain the bucket", "storage.bucket = bucket - msg.amount;", "storage.bucket = bucket;"],
    ["what was paid is not counted", "storage.totalPaid += msg.amount;", ""],
    [
      "more is promised than the pool holds",
      "return max(0, min(min(bucket, storage.totalCum - storage.totalPaid), pool))",
      "return max(0 * pool, min(bucket, storage.totalCum - storage.totalPaid))",
    ],
    [
      "payouts are promised while frozen",
      "if (blockchain.now() < storage.frozenUntil) {\n        return 0;\n    }",
      "",
    ],
  ],
);

const bucket = faults(
  "RewardDistributor",
  "reward-distributor/storage.tolk",
  ["epoch-cap", "root-life", "reward-distributor"],
  [
    [
      "the bucket refills without a limit",
      "return min(BUCKET_EPOCHS * epochCap, bucket + mulDivFloor",
      "return max(0, bucket + mulDivFloor",
    ],
    ["the bucket refills no faster than debt grows", "mulDivFloor(REFILL_EPOCHS * epochCap,", "mulDivFloor(epochCap,"],
  ],
);

const roots = faults(
  "RewardDistributor",
  "reward-distributor/roots.tolk",
  ["root-life", "reward-distributor", "stolen-publisher"],
  [
    ["a root is current at once", "assert (blockchain.now() >= storage.pendingActiveAt) throw ERROR_DELAY_OPEN;", ""],
    [
      "a root becomes current while frozen",
      "assert (blockchain.now() >= storage.frozenUntil) throw ERROR_FROZEN;\n    assert (blockchain.now() >= storage.pendingActiveAt)",
      "assert (blockchain.now() >= storage.pendingActiveAt)",
    ],
    [
      "a root becomes current that the pool cannot pay",
      "assert (pool >= published.totalCum - storage.totalPaid) throw ERROR_POOL_UNFUNDED;",
      "",
    ],
    [
      "the pool must hold again what it has paid already",
      "assert (pool >= published.totalCum - storage.totalPaid)",
      "assert (pool >= published.totalCum)",
    ],
    [
      "roots come as fast as the delay lets them",
      "max(blockchain.now() + control.delaySeconds, storage.activatedAt + storage.epochSeconds)",
      "blockchain.now() + control.delaySeconds",
    ],
    [
      "roots are paced and have no delay",
      "max(blockchain.now() + control.delaySeconds, storage.activatedAt + storage.epochSeconds)",
      "max(blockchain.now(), storage.activatedAt + storage.epochSeconds)",
    ],
    [
      "the epoch cap is not checked",
      "assert (published.totalCum - storage.totalCum <= storage.epochCap) throw ERROR_ABOVE_EPOCH_CAP;",
      "",
    ],
    ["equal leaves veto a root", "(earned > next)", "(earned >= next)"],
    [
      "a leaf above everything published vetoes the correction",
      "((earned > next) & (earned <= storage.totalCum))",
      "(earned > next)",
    ],
    ["a leaf above the pending total cannot be challenged", "(next > published.totalCum) | ", ""],
    [
      "an endorsement is of whatever is pending",
      "assert (msg.root == storage.pending!.load().root) throw ERROR_ANOTHER_ROOT;",
      "",
    ],
    ["a revocation is of whatever is current", "assert (msg.root == storage.root) throw ERROR_ANOTHER_ROOT;", ""],
    ["two revocations leave the older total owed", "previousTotalCum: storage.totalPaid,", "previousTotalCum: 0,"],
    ["a revoked root can be revoked for ever", "storage.previousActivatedAt = 0;", ""],
    [
      "an endorsed root can be challenged",
      "assert (!storage.endorsed) throw ERROR_ROOT_ENDORSED;\n    val published",
      "val published",
    ],
    [
      "an endorsement costs no time",
      "storage.pendingActiveAt = max(storage.pendingActiveAt, blockchain.now() + ENDORSE_SECONDS);",
      "",
    ],
    ["an endorsement outlives its root", "storage.endorsed = false;", ""],
    [
      "the guardian freezes for ever",
      "assert (blockchain.now() >= storage.frozenUntil + FREEZE_PAUSE_SECONDS) throw ERROR_FREEZE_TOO_SOON;",
      "",
    ],
    [
      "payouts go out at once after a freeze",
      "min(storage.frozenUntil, blockchain.now() + UNFREEZE_SECONDS)",
      "blockchain.now()",
    ],
    [
      "lifting a freeze makes it longer",
      "min(storage.frozenUntil, blockchain.now() + UNFREEZE_SECONDS)",
      "blockchain.now() + UNFREEZE_SECONDS",
    ],
    [
      "an old root can be revoked",
      "assert (blockchain.now() < storage.activatedAt + REVOKE_SECONDS) throw ERROR_ROOT_IS_FINAL;",
      "",
    ],
    ["a final root can be revoked after a younger one", "storage.activatedAt = storage.previousActivatedAt;", ""],
    [
      "a revocation leaves the same publisher's next root pending",
      "storage.previousActivatedAt = 0;\n    storage.pending = null;",
      "storage.previousActivatedAt = 0;",
    ],
    [
      "a revocation forgets what was paid since",
      "wrong.previousTotalCum + storage.totalPaid - wrong.paidAtActivation;",
      "wrong.previousTotalCum;",
    ],
  ],
);

const roles = faults(
  "RewardDistributor",
  "reward-distributor/roles.tolk",
  ["reward-roles", "contributor-account"],
  [
    ["slashes are not counted", "control.slashesToday += 1;", ""],
    ["slashes are counted for ever", "control.slashesToday = 0;", ""],
    [
      "slashes are paid to the treasury",
      "proceeds: control.fixed.load().refunds,",
      "proceeds: control.fixed.load().treasury,",
    ],
    [
      "anybody accepts the guardian's role",
      "assert ((successors.nextGuardian != null) && (sender == successors.nextGuardian!)) throw ERROR_NOT_THE_GUARDIAN;",
      "",
    ],
    [
      "anybody accepts the publisher's role",
      "assert ((successors.nextPublisher != null) && (sender == successors.nextPublisher!)) throw ERROR_NOT_THE_PUBLISHER;",
      "",
    ],
    [
      "a named publisher takes office at once",
      "assert (blockchain.now() >= successors.publisherFrom) throw ERROR_PUBLISHER_TOO_EARLY;",
      "",
    ],
    [
      "a publisher in office is still named",
      "successors.nextPublisher = null;\n    control.publisher = sender;",
      "control.publisher = sender;",
    ],
    [
      "a dismissed publisher's root stays pending",
      "control.capChange = null;\n        storage.pending = null;",
      "control.capChange = null;",
    ],
    [
      "a dismissed publisher stays in office",
      "control.publisher = null;\n        control.capChange = null;",
      "control.capChange = null;",
    ],
    [
      "anybody rejects a publisher",
      "assert (sender == control.fixed.load().treasury) throw ERROR_NOT_THE_TREASURY;",
      "",
    ],
    [
      "a publisher may be guardian or treasury",
      "assert ((self.publisher! != self.guardian) & (self.publisher! != treasury)) throw ERROR_ROLES_ARE_ONE;",
      "",
    ],
    ["the guardian may be the treasury", "assert (self.guardian != treasury) throw ERROR_ROLES_ARE_ONE;", ""],
  ],
);

const caps = faults(
  "RewardDistributor",
  "reward-distributor/roles.tolk",
  ["epoch-cap"],
  [
    ["a cap has no upper bound", "& (msg.epochCap <= EPOCH_CAP_MAX)", ""],
    [
      "the guardian agrees to whatever is proposed",
      "assert (msg.epochCap == change.epochCap) throw ERROR_OTHER_CAP_PROPOSED;",
      "",
    ],
    [
      "another cap has no notice",
      "assert ((change.from > 0) & (blockchain.now() >= change.from))",
      "assert (change.from > 0)",
    ],
    [
      "another cap needs no guardian",
      "assert ((change.from > 0) & (blockchain.now() >= change.from))",
      "assert (blockchain.now() >= change.from)",
    ],
    [
      "another cap is applied to the time before it",
      "storage.bucket = bucketNow(storage.bucket, storage.bucketAt, storage.epochCap, storage.epochSeconds);",
      "storage.bucket = bucketNow(storage.bucket, storage.bucketAt, change.epochCap, storage.epochSeconds);",
    ],
    [
      "a cap is applied again and again",
      "storage.epochCap = change.epochCap;\n    control.capChange = null;",
      "storage.epochCap = change.epochCap;",
    ],
    [
      "a dismissed publisher's cap stays agreed",
      "control.capChange = null;\n        storage.pending = null;",
      "storage.pending = null;",
    ],
    [
      "a naming never lapses",
      "assert (blockchain.now() < successors.publisherFrom + PUBLISHER_WINDOW) throw ERROR_NAMING_LAPSED;",
      "",
    ],
  ],
);

/** Faults of the reward contracts that somebody could have written. */
export const rewardMutants: Mutant[] = [
  ...claimsAtTheAccount,
  ...rent,
  ...stakes,
  ...disputes,
  ...payouts,
  ...bucket,
  ...roots,
  ...roles,
  ...caps,
];
