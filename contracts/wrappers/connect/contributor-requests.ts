/** What a contributor's wallet is asked to send: the stake, its way back, and a claim. Addresses are raw, amounts nano units. */
import artefact from "../../artefacts/ContributorAccount.json" with { type: "json" };
import { ContributorAccountOp } from "../contributor-account-codes.ts";
import { RewardDistributorOp } from "../reward-distributor-codes.ts";
import { accountHash, address, coins } from "../signed-cell.ts";
import { cellOfBoc } from "./boc.ts";
import { cellOf } from "./cell.ts";
import type { Cell } from "./cell.ts";
import { addressOf, head, stateInitOf, walletRequest } from "./wallet-request.ts";
import type { RequestTerms, WalletRequest } from "./wallet-request.ts";

/** Attached to each message of an account: gas and two years' storage under either price list. The rest comes back. */
const ATTACHED = 100_000_000n;
/** Attached to a claim on top of what the chain says it needs, should prices change meanwhile. The rest comes back. */
const ABOVE_CLAIM_VALUE = 50_000_000n;
const EXOTIC = 8;
const MERKLE_PROOF = 3;

/** What an account's address is derived from. */
export interface AccountTerms {
  owner: string;
  distributor: string;
}

/** The address of an owner's account, deployed or not. */
export async function accountAddress(terms: AccountTerms): Promise<string> {
  return addressOf(accountInit(terms));
}

/** Stakes exactly `amount`; the first stake deploys the account. Only the owner's wallet can send it. */
export async function stakeRequest(
  terms: RequestTerms,
  { amount, ...account }: AccountTerms & { amount: bigint },
): Promise<WalletRequest> {
  const init = accountInit(account);
  const body = cellOf([...head(ContributorAccountOp.Stake, terms), ...coins("amount", amount)]);
  return walletRequest(terms, { to: await addressOf(init), value: amount + ATTACHED, body, init });
}

/** Begins the seven days after which `amount` of the stake can be withdrawn. */
export function unbondRequest(
  terms: RequestTerms,
  { account, amount }: { account: string; amount: bigint },
): WalletRequest {
  const body = cellOf([...head(ContributorAccountOp.RequestUnbond, terms), ...coins("amount", amount)]);
  return walletRequest(terms, { to: account, value: ATTACHED, body });
}

export function withdrawUnbondedRequest(terms: RequestTerms, { account }: { account: string }): WalletRequest {
  const body = cellOf(head(ContributorAccountOp.WithdrawUnbonded, terms));
  return walletRequest(terms, { to: account, value: ATTACHED, body });
}

export interface ClaimRequest {
  distributor: string;
  /** Who is paid; any wallet may send the claim. */
  owner: string;
  /** Whether the owner's account does not exist yet. */
  deploy: boolean;
  /** The proof of the owner's leaf, a BoC in base64 as `RewardTree.proof` makes it. */
  proof: string;
  /** What the chain says a claim needs: `getClaimValue`, and the account's `getStorageDue` where it exists. */
  claimValue: bigint;
}

/** @throws {RangeError} when the proof is none. */
export function claimRequest(terms: RequestTerms, claim: ClaimRequest): WalletRequest {
  const fields = [...head(RewardDistributorOp.Claim, terms), accountHash("owner", claim.owner)];
  const body = cellOf([...fields, [claim.deploy ? 1n : 0n, 1]], [proofOf(claim.proof)]);
  return walletRequest(terms, { to: claim.distributor, value: claim.claimValue + ABOVE_CLAIM_VALUE, body });
}

function proofOf(boc: string): Cell {
  const proof = cellOfBoc(boc);
  if (!(proof.descriptors[0] & EXOTIC) || proof.data[0] !== MERKLE_PROOF)
    throw new RangeError("this is not a proof of what was earned");
  return proof;
}

/** `AccountStorage.fresh` of storage.tolk: the two addresses, and zeros for everything that changes. */
function accountInit({ owner, distributor }: AccountTerms): Cell {
  const [claimed, stake, unbonding, unbondAt, rentCoveredAt, slashing] = [4, 4, 4, 32, 32, 1];
  const changing = claimed + stake + unbonding + unbondAt + rentCoveredAt + slashing;
  const data = cellOf([...address("owner", owner), ...address("distributor", distributor), [0n, changing]]);
  return stateInitOf(cellOfBoc(artefact.code), data);
}
