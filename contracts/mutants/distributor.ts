import { faults } from "./faults.ts";
import type { Mutant } from "./mutant.ts";

const DISTRIBUTOR = "reward-distributor/RewardDistributor.tolk";

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
  ],
);

/** Faults of RewardDistributor that somebody could have written. */
export const distributorMutants: Mutant[] = [...payouts, ...bucket, ...roots, ...roles, ...caps];
