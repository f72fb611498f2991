/** Failures as text: the contracts' names for exit codes, and what to do next. */
import { ContributorAccountError } from "../wrappers/contributor-account-codes.ts";
import { EscrowError } from "../wrappers/escrow-codes.ts";
import { RewardDistributorError, RewardDistributorTerms } from "../wrappers/reward-distributor-codes.ts";
import { VaultError } from "../wrappers/vault-codes.ts";
import { spanOf } from "./words.ts";

/** Exit codes differ between contracts (601…, 631…, 1100…), so one table holds them all. */
const NAMES = new Map(
  [ContributorAccountError, RewardDistributorError, EscrowError, VaultError].flatMap((table) =>
    Object.entries(table).map(([name, code]): [number, string] => [code, name.toLowerCase().replaceAll("_", " ")]),
  ),
);

const ADVICE = new Map<number, string>([
  [ContributorAccountError.NOT_THE_OWNER, "Use the words of the wallet that staked."],
  [ContributorAccountError.NO_AMOUNT, "Give an amount above zero."],
  [ContributorAccountError.ABOVE_STAKE, "You have less at stake: `account` shows how much."],
  [ContributorAccountError.NOTHING_UNBONDED, "Begin with `unbond <amount>`."],
  [ContributorAccountError.STILL_UNBONDING, "`account` shows when it is free; run `withdraw` then."],
  [ContributorAccountError.NOTHING_FREE, "A dispute holds what is unbonded: `account` shows until when."],
  [ContributorAccountError.NOTHING_TO_CLAIM, "All of it is paid already; the next epoch's file brings more."],
  [
    RewardDistributorError.FROZEN,
    `The guardian has stopped payouts; a freeze ends by itself within ${spanOf(RewardDistributorTerms.FREEZE_SECONDS)}: try again.`,
  ],
  [RewardDistributorError.FORGED_PROOF, "The root has changed meanwhile: get the newest leaf file and claim with it."],
  [
    RewardDistributorError.NO_LEAF,
    "The file names nothing for this owner: compare the address, or get the newest file.",
  ],
  [RewardDistributorError.POOL_EMPTY, "Nothing is lost: the bucket refills with time. Claim again tomorrow."],
  [RewardDistributorError.DELAY_OPEN, "The new root must wait out its delay: `distributor` shows until when."],
  [RewardDistributorError.POOL_UNFUNDED, "The pool cannot pay what this root adds: `fund` it first."],
  [RewardDistributorError.NOT_THE_PUBLISHER, "Only the publisher may: `distributor` shows who it is."],
  [RewardDistributorError.NOT_THE_GUARDIAN, "Only the guardian may: `distributor` shows who it is."],
  [RewardDistributorError.NOT_THE_TREASURY, "Only the treasury may: `distributor` shows who it is."],
  [RewardDistributorError.ROOT_PENDING, "One root at a time: `distributor` shows the pending one."],
  [RewardDistributorError.NO_ROOT_PENDING, "`distributor` shows the state: no root waits to be opened."],
  [RewardDistributorError.ABOVE_EPOCH_CAP, "An epoch adds no more than its cap: `propose-cap` changes it."],
  [RewardDistributorError.ROOT_ENDORSED, "Publisher and guardian stand by this root: only the guardian can `veto` it."],
  [RewardDistributorError.NOT_FROZEN, "Send `freeze` first, and `revoke` right after it."],
  [
    RewardDistributorError.FREEZE_TOO_SOON,
    "A freeze ended a short time ago: `veto` is the only brake until the pause is over.",
  ],
  [RewardDistributorError.ROOT_IS_FINAL, "It is too old to be revoked: `endorse` a root that puts it right."],
  [RewardDistributorError.PUBLISHER_TOO_EARLY, "The treasury has time to reject: `distributor` shows until when."],
  [RewardDistributorError.NAMING_LAPSED, "The guardian names you again."],
  [
    RewardDistributorError.ANOTHER_ROOT,
    "Another root took its place meanwhile: look with `distributor`, then order again.",
  ],
  [RewardDistributorError.OTHER_CAP_PROPOSED, "`distributor` shows which cap is proposed: accept that one, or none."],
  [RewardDistributorError.CAP_TOO_EARLY, "Its notice is not over: `distributor` shows until when."],
  [ContributorAccountError.APPEAL_OPEN, "The guardian has time to cancel: `account` shows until when."],
  [ContributorAccountError.SLASH_PENDING, "One dispute at a time: `account` shows it."],
  [ContributorAccountError.ABOVE_SLASH_CAP, "30 % of what is staked and unbonding is the most in 30 days."],
  [
    ContributorAccountError.DISPUTE_EXPIRED,
    "Nobody executed it in time: the stake is free, and it can be proposed anew.",
  ],
  [EscrowError.NOT_OWNER, "Use the words of the wallet that owns this escrow."],
  [EscrowError.ALREADY_CLOSING, "The close is requested already: `escrow` shows when `escrow-withdraw` works."],
  [EscrowError.NOT_CLOSING, "Begin with `escrow-close`."],
  [EscrowError.TOO_EARLY, "The provider still has time to redeem: `escrow` shows when `escrow-withdraw` works."],
  [EscrowError.CAP_LOWER, "A lower cap needs new keys in a ripe close: `escrow-close`, then `escrow-new-key`."],
  [EscrowError.KEYS_FULL, "There are four keys already: `escrow-close`, then `escrow-new-key` replaces all of them."],
  [VaultError.NOT_KEEPER, "Only the vault's guardian and treasury may: `vault` shows who they are."],
  [VaultError.NOT_HOT, "Only the vault's hot wallet may: `vault` shows which that is."],
  [VaultError.OVER_DAILY_LIMIT, "The allowance refills over a day: `vault` shows what is left of it."],
  [VaultError.OVER_POOL_LIMIT, "The allowance refills over a day: `vault` shows what is left of it."],
  [VaultError.PROPOSAL_PENDING, "One proposal at a time: `vault` shows it, `cancel` withdraws it."],
  [VaultError.PROPOSAL_TOO_YOUNG, "The other keeper has a day to cancel, or ends the wait by `approve`."],
  [VaultError.PROPOSAL_EXPIRED, "It was not executed in its week: `cancel` it and propose it again."],
  [VaultError.NOT_THE_OTHER_KEEPER, "Who proposed it cannot approve it: the other keeper can."],
  [VaultError.ANOTHER_PROPOSAL, "Another proposal has taken its place: look at it with `vault`."],
  [EscrowError.CLOSE_EXPIRED, "The window has passed: run `escrow-close` again and withdraw in time."],
]);

/** Exit codes of the wallets v4R2 (33 …) and W5 (132 …, wallet-contract-v5), which reject a message before they pay. */
const WALLET = new Map<number, string>([
  [33, "invalid seqno: another message of this wallet was processed first. Run the command again"],
  [34, "invalid wallet id: the address holds another wallet"],
  [35, "invalid signature: the words are not this wallet's"],
  [36, "expired: the signature was not valid at the chain's time. Run the command again"],
  [132, "signature disabled: the wallet accepts messages from its extensions only"],
  [133, "invalid seqno: another message of this wallet was processed first. Run the command again"],
  [134, "invalid wallet id: compare --network-id with the endpoint"],
  [135, "invalid signature: the words are not this wallet's"],
  [136, "expired: the signature was not valid at the chain's time. Run the command again"],
]);

/** A contract rejected a message: it charged fees, changed nothing else and returned the money. */
export class Refused extends Error {
  readonly exitCode: number | null;

  /** `exitCode` is null when the address has no contract. */
  constructor(contract: string, exitCode: number | null) {
    super(
      exitCode === null
        ? `There is no ${contract} at this address, and the money was returned: compare the addresses and the network.`
        : `The ${contract} refused: ${nameOf(exitCode)} (exit code ${exitCode}). ${ADVICE.get(exitCode) ?? "docs/contracts.md says what it requires."}`,
    );
    this.name = "Refused";
    this.exitCode = exitCode;
  }
}

function nameOf(code: number): string {
  if (code === -14 || code === 13) return "out of gas";
  if (code === 37) return "not enough money to send on";
  return NAMES.get(code) ?? "an error that our contracts do not define";
}

/** Describes any failure. The error of a refused request holds its headers, with the API key: only the answer is shown. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, config, response } = error as Partial<HttpFailure>;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND")
    return `No server answers at ${config?.url ?? "the endpoint"}: start the chain with npm run chain, or pass --endpoint.`;
  if (response?.status === 429)
    return "The endpoint's rate limit is reached: wait a minute, or set TON_API_KEY to a key from its operator.";
  const answer = response?.data?.error;
  if (typeof answer !== "string") return error.message;
  const exit = Number(/exit ?code[=: ]+(\d+)/i.exec(answer)?.[1]);
  if (WALLET.has(exit)) return `Your wallet refused: ${WALLET.get(exit)} (exit code ${exit}).`;
  return `The endpoint refused: ${answer.slice(0, 300).replaceAll(/[^\x20-\x7e]+/g, " ")}`;
}

interface HttpFailure {
  code: string;
  config: { url?: string };
  response: { status?: number; data?: { error?: unknown } };
}
