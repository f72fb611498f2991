import { faults } from "./faults.ts";
import type { Mutant } from "./mutant.ts";

const ACCOUNT = "contributor-account/ContributorAccount.tolk";

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
    [
      "a request to unbond is paid out of the reserve",
      "storage.save();\n            payAbove(storage.stake + storage.unbonding, storage.owner, msg.queryId, SEND_MODE_IGNORE_ERRORS);\n        }\n\n        WithdrawUnbonded",
      "storage.save();\n            payAbove(storage.stake + storage.unbonding - 1, storage.owner, msg.queryId, SEND_MODE_IGNORE_ERRORS);\n        }\n\n        WithdrawUnbonded",
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

/** Faults of ContributorAccount that somebody could have written. */
export const accountMutants: Mutant[] = [...claimsAtTheAccount, ...rent, ...stakes, ...disputes];
