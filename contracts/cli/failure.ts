/** What went wrong, in words: exit codes by the names the contracts give them, and what to do next. */
import { ContributorAccountError } from "../wrappers/contributor-account-codes.ts";
import { EscrowError } from "../wrappers/escrow-codes.ts";
import { RewardDistributorError, RewardDistributorTerms } from "../wrappers/reward-distributor-codes.ts";
import { spanOf } from "./words.ts";

/** Contracts number their errors apart (601…, 631…, 1100…), so one table holds all. */
const NAMES = new Map(
  [ContributorAccountError, RewardDistributorError, EscrowError].flatMap((table) =>
    Object.entries(table).map(([name, code]): [number, string] => [code, name.toLowerCase().replaceAll("_", " ")]),
  ),
);

const ADVICE = new Map<number, string>([
  [ContributorAccountError.NOT_THE_OWNER, "Use the words of the wallet that staked."],
  [ContributorAccountError.NO_AMOUNT, "Say an amount above zero."],
  [ContributorAccountError.ABOVE_STAKE, "You have less at stake: `account` says how much."],
  [ContributorAccountError.NOTHING_UNBONDED, "Begin with `unbond <amount>`."],
  [ContributorAccountError.STILL_UNBONDING, "`account` says when it is free; run `withdraw` then."],
  [ContributorAccountError.NOTHING_FREE, "A dispute holds what is unbonded: `account` says until when."],
  [ContributorAccountError.NOTHING_TO_CLAIM, "All of it is paid already; the next epoch's file brings more."],
  [
    RewardDistributorError.FROZEN,
    `The guardian has stopped payouts; a freeze ends by itself within ${spanOf(RewardDistributorTerms.FREEZE_SECONDS)}: try again.`,
  ],
  [RewardDistributorError.FORGED_PROOF, "The root has changed meanwhile: get the newest leaf file and claim by it."],
  [
    RewardDistributorError.NO_LEAF,
    "The file names nothing for this owner: compare the address, or get the newest file.",
  ],
  [RewardDistributorError.POOL_EMPTY, "Nothing is lost: the bucket refills with time. Claim again tomorrow."],
  [RewardDistributorError.DELAY_OPEN, "The new root must wait out its delay: claim again later."],
  [EscrowError.NOT_OWNER, "Use the words of the wallet that owns this escrow."],
  [EscrowError.ALREADY_CLOSING, "The close is on its way: `escrow` says when `escrow-withdraw` works."],
  [EscrowError.NOT_CLOSING, "Begin with `escrow-close`."],
  [EscrowError.TOO_EARLY, "The provider still has time to redeem: `escrow` says when `escrow-withdraw` works."],
  [EscrowError.CLOSE_EXPIRED, "The window has passed: run `escrow-close` again and withdraw in time."],
]);

/** Of the W5 wallet (wallet-contract-v5/contracts/wallet_v5.fc), which refuses before anything is paid. */
const WALLET = new Map<number, string>([
  [132, "signature disabled: the wallet takes orders from its extensions only"],
  [133, "invalid seqno: another message of this wallet was faster. Run the command again"],
  [134, "invalid wallet id: compare --network-id with the endpoint"],
  [135, "invalid signature: the words are not this wallet's"],
  [136, "expired: the signature is not of the chain's time. Run the command again"],
]);

/** A message that a contract did not take: nothing changed but fees, the money came back. */
export class Refused extends Error {
  readonly exitCode: number | null;

  /** `exitCode` is null where there is no contract. */
  constructor(contract: string, exitCode: number | null) {
    super(
      exitCode === null
        ? `There is no ${contract} at this address, and the money came back: compare the addresses and the network.`
        : `The ${contract} refused: ${nameOf(exitCode)} (exit code ${exitCode}). ${ADVICE.get(exitCode) ?? "docs/contracts.md says what it asks for."}`,
    );
    this.name = "Refused";
    this.exitCode = exitCode;
  }
}

function nameOf(code: number): string {
  if (code === -14 || code === 13) return "out of gas";
  if (code === 37) return "not enough money to send on";
  return NAMES.get(code) ?? "an error that is not of our contracts";
}

/** Any failure as text for its reader. A refused request carries its headers, and with them the API key: only its answer is shown. */
export function sayOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, config, response } = error as Partial<HttpFailure>;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND")
    return `Nobody answers at ${config?.url ?? "the endpoint"}: start the chain with npm run chain, or say --endpoint.`;
  if (response?.status === 429)
    return "The endpoint wants fewer questions a second: wait a minute, or set TON_API_KEY to a key of its operator.";
  const said = response?.data?.error;
  if (typeof said !== "string") return error.message;
  const exit = Number(/exit ?code[=: ]+(\d+)/i.exec(said)?.[1]);
  if (WALLET.has(exit)) return `Your wallet refused: ${WALLET.get(exit)} (exit code ${exit}).`;
  return `The endpoint refused: ${said.slice(0, 300).replaceAll(/[^\x20-\x7e]+/g, " ")}`;
}

interface HttpFailure {
  code: string;
  config: { url?: string };
  response: { status?: number; data?: { error?: unknown } };
}
