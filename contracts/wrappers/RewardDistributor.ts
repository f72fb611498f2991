/** Pays contributors what a published tree says they earned. Roots come from the publisher, vetoes from the guardian, claims from anybody. */
import { beginCell, Cell, contractAddress } from "@ton/core";
import type { Address, ContractProvider, Sender, Slice } from "@ton/core";
import artefact from "../artefacts/RewardDistributor.json" with { type: "json" };
import { ContractAt, messageHead } from "./contract-at.ts";
import { contributorAccountCode } from "./ContributorAccount.ts";
import { RewardDistributorOp as Op, RewardDistributorTerms as Terms } from "./reward-distributor-codes.ts";

export const rewardDistributorCode: Cell = Cell.fromBase64(artefact.code);

/**
 * Terms of a distributor, fixed at deployment but for publisher and guardian, who can be succeeded, and the epoch cap, which both can change
 * together. The same terms give the same address.
 */
export interface DistributorTerms {
  publisher: Address;
  guardian: Address;
  /** Can reject a publisher that the guardian names. */
  treasury: Address;
  /** Where slashed stakes are paid to. */
  refunds: Address;
  /** Nano units an epoch may add to the debt; the payout bucket holds three of them and refills by two in `epochSeconds`. */
  epochCap: bigint;
  epochSeconds: number;
  /** Seconds from proposal to activation: the time to veto and to challenge. */
  delaySeconds: number;
  slashesPerDay: number;
}

/** Amounts in nano units, times in UNIX seconds, roots and hashes as numbers of 256 bits. */
export interface DistributorData {
  root: bigint;
  totalCum: bigint;
  totalPaid: bigint;
  /** The payout bucket's content as of `bucketAt`; `bucketOf` tells it at any time. */
  bucket: bigint;
  bucketAt: number;
  frozenUntil: number;
  epochCap: bigint;
  epochSeconds: number;
  /** Null while one is dismissed and no other has accepted. */
  publisher: Address | null;
  guardian: Address;
  treasury: Address;
  refunds: Address;
  nextGuardian: Address | null;
  /** Named by the guardian; may accept from `publisherFrom` on, unless the treasury rejects it before. */
  nextPublisher: Address | null;
  publisherFrom: number;
  capChange: CapChange | null;
  delaySeconds: number;
  /** The number of the current root. */
  epoch: number;
  dataHash: bigint;
  activatedAt: number;
  previousRoot: bigint;
  previousTotalCum: bigint;
  paidAtActivation: bigint;
  pending: PendingRoot | null;
  /** Whether the guardian protects the pending root from challenges; false without one. */
  endorsed: boolean;
}

export interface PendingRoot {
  root: bigint;
  totalCum: bigint;
  activeAt: number;
  dataHash: bigint;
}

/** Another epoch cap, nano units, as the publisher proposed it. */
export interface CapChange {
  epochCap: bigint;
  /** When anybody may apply it; null until the guardian has agreed. */
  from: number | null;
}

export interface RootProposal {
  epoch: number;
  root: bigint;
  totalCum: bigint;
  dataHash: bigint;
}

export interface ClaimInput {
  owner: Address;
  /** Set it when the owner's account does not exist yet; the claim then creates it. */
  deploy: boolean;
  proof: Cell;
}

export class RewardDistributor extends ContractAt {
  /** The distributor of these terms, deployed or not. Throws on terms that would lock the pool or give two roles to one address. */
  static fromTerms(terms: DistributorTerms): RewardDistributor {
    assertTerms(terms);
    const init = { code: rewardDistributorCode, data: freshDistributor(terms) };
    return new RewardDistributor(contractAddress(0, init), init);
  }

  /** Puts money into the pool, and deploys the contract the first time. Only claims can take it out again. */
  async sendFund(provider: ContractProvider, via: Sender, value: bigint): Promise<void> {
    await provider.internal(via, { value });
  }

  async sendClaim(provider: ContractProvider, via: Sender, input: ClaimInput & { value: bigint }): Promise<void> {
    await provider.internal(via, { value: input.value, body: claimBody(input) });
  }

  async sendActivateRoot(provider: ContractProvider, via: Sender, value: bigint): Promise<void> {
    await provider.internal(via, { value, body: plainBody("ActivateRoot") });
  }

  async sendProposeRoot(
    provider: ContractProvider,
    via: Sender,
    input: RootProposal & { value: bigint },
  ): Promise<void> {
    await provider.internal(via, { value: input.value, body: proposeRootBody(input) });
  }

  /** Everything a person or a verifier may want to see, in one call. */
  async getData(provider: ContractProvider): Promise<DistributorData> {
    const { stack } = await provider.get("distributor_data", []);
    const pending = stack.readCellOpt();
    const pendingActiveAt = stack.readNumber();
    const sums = {
      bucket: stack.readBigNumber(),
      bucketAt: stack.readNumber(),
      totalPaid: stack.readBigNumber(),
      root: stack.readBigNumber(),
      totalCum: stack.readBigNumber(),
      epoch: stack.readNumber(),
      activatedAt: stack.readNumber(),
    };
    stack.skip(1);
    const history = readHistory(stack.readCell().beginParse());
    const frozenUntil = stack.readNumber();
    const endorsed = stack.readBoolean();
    const control = readControl(stack.readCell().beginParse());
    const terms = { epochCap: stack.readBigNumber(), epochSeconds: stack.readNumber() };
    return {
      ...sums,
      ...terms,
      ...control,
      ...history,
      frozenUntil,
      endorsed: endorsed && pending !== null,
      pending: pending && { ...readPublished(pending.beginParse()), activeAt: pendingActiveAt },
    };
  }

  /** What one claim could be paid now, nano units: the least of bucket, published total and pool; zero while frozen. */
  async getPayableNow(provider: ContractProvider): Promise<bigint> {
    return (await provider.get("payable_now", [])).stack.readBigNumber();
  }

  /**
   * The value a claim must attach at this chain's prices, nano units; the unused part is refunded. On top comes the rent which the
   * account owes, `ContributorAccount.getStorageDue`.
   */
  async getClaimValue(provider: ContractProvider, { deploy }: { deploy: boolean }): Promise<bigint> {
    const { stack } = await provider.get("claim_value", [{ type: "int", value: deploy ? -1n : 0n }]);
    return stack.readBigNumber();
  }

  async getAccountAddress(provider: ContractProvider, owner: Address): Promise<Address> {
    const slice = beginCell().storeAddress(owner).endCell();
    return (await provider.get("account_address", [{ type: "slice", cell: slice }])).stack.readAddress();
  }
}

/** What the payout bucket holds at `nowS`, nano units, if nothing is paid and no cap changes until then. */
export function bucketOf({ bucket, bucketAt, epochCap, epochSeconds }: DistributorData, nowS: number): bigint {
  const refilled = (BigInt(Terms.REFILL_EPOCHS) * epochCap * BigInt(nowS - bucketAt)) / BigInt(epochSeconds);
  const full = BigInt(Terms.BUCKET_EPOCHS) * epochCap;
  return bucket + refilled < full ? bucket + refilled : full;
}

/** Messages that are an op code and a query id. */
export type PlainMessage =
  | "ActivateRoot"
  | "VetoRoot"
  | "Freeze"
  | "Unfreeze"
  | "AcceptGuardian"
  | "AcceptPublisher"
  | "RejectPublisher"
  | "ApplyCap";

export function plainBody(message: PlainMessage, queryId = 0n): Cell {
  return messageHead(Op[message], queryId).endCell();
}

/** A guardian's orders about one root, which they name. */
export type RootOrder = "RevokeRoot" | "EndorseRoot";

/** `root` is the current one for RevokeRoot and the pending one for EndorseRoot; the contract refuses another. */
export function rootOrderBody(order: RootOrder, root: bigint, queryId = 0n): Cell {
  return messageHead(Op[order], queryId).storeUint(root, 256).endCell();
}

export function claimBody({ owner, deploy, proof }: ClaimInput, queryId = 0n): Cell {
  return messageHead(Op.Claim, queryId).storeBuffer(accountHash(owner)).storeBit(deploy).storeRef(proof).endCell();
}

export function proposeRootBody({ epoch, root, totalCum, dataHash }: RootProposal, queryId = 0n): Cell {
  return messageHead(Op.ProposeRoot, queryId)
    .storeUint(epoch, 32)
    .storeRef(beginCell().storeUint(root, 256).storeCoins(totalCum).storeUint(dataHash, 256))
    .endCell();
}

/** Vetoes the pending root by proving that it lowers the leaf of `owner`; anybody may send it. */
export function challengeDecreaseBody(
  { owner, currentProof, pendingProof }: { owner: Address; currentProof: Cell; pendingProof: Cell },
  queryId = 0n,
): Cell {
  return messageHead(Op.ChallengeDecrease, queryId)
    .storeBuffer(accountHash(owner))
    .storeRef(currentProof)
    .storeRef(pendingProof)
    .endCell();
}

export function relaySlashBody(
  { owner, amount, reason }: { owner: Address; amount: bigint; reason: bigint },
  queryId = 0n,
): Cell {
  return messageHead(Op.RelaySlash, queryId)
    .storeBuffer(accountHash(owner))
    .storeCoins(amount)
    .storeUint(reason, 256)
    .endCell();
}

export function relayCancelSlashBody(owner: Address, queryId = 0n): Cell {
  return messageHead(Op.RelayCancelSlash, queryId).storeBuffer(accountHash(owner)).endCell();
}

/** Names the next publisher; with `dismiss` the present one loses its office and its pending root at once. */
export function namePublisherBody(
  { publisher, dismiss }: { publisher: Address; dismiss: boolean },
  queryId = 0n,
): Cell {
  return messageHead(Op.NamePublisher, queryId).storeAddress(publisher).storeBit(dismiss).endCell();
}

export function nameGuardianBody(guardian: Address, queryId = 0n): Cell {
  return messageHead(Op.NameGuardian, queryId).storeAddress(guardian).endCell();
}

/** The publisher proposes another epoch cap, nano units. */
export function proposeCapBody(epochCap: bigint, queryId = 0n): Cell {
  return messageHead(Op.ProposeCap, queryId).storeCoins(epochCap).endCell();
}

/** The guardian agrees to the proposed epoch cap, and says which it read. */
export function acceptCapBody(epochCap: bigint, queryId = 0n): Cell {
  return messageHead(Op.AcceptCap, queryId).storeCoins(epochCap).endCell();
}

/** Adds the message's value to the pool; `amount` is for the sender, whose bounce handler reads it. */
export function fundPoolBody(amount: bigint, queryId = 0n): Cell {
  return messageHead(Op.FundPool, queryId).storeCoins(amount).endCell();
}

/** The key of an owner in the reward tree. Throws for a wallet outside the basechain. */
export function accountHash(owner: Address): Buffer {
  if (owner.workChain !== 0) throw new Error("A contributor's wallet must be in the basechain (workchain 0)");
  return owner.hash;
}

/** Thirty days; more is milliseconds or a mistake. A delay past the year 2106 would refuse every root and lock the pool. */
const SECONDS_MAX = 30 * 86_400;
const SLASHES_MAX = 65_535;
/** `EPOCH_CAP_MAX` of fees.tolk: three caps must fit into an amount, or no payout could be written. */
const EPOCH_CAP_MAX = 2n ** 117n;

/** Rejects terms that would lock the pool: they cannot be changed later, and money leaves only through the bucket. */
function assertTerms(terms: DistributorTerms): void {
  const { publisher, guardian, treasury, refunds, epochCap, epochSeconds, delaySeconds, slashesPerDay } = terms;
  for (const [name, role] of Object.entries({ publisher, guardian, treasury, refunds }))
    if (role.workChain !== 0)
      throw new RangeError(`${name} must be in the basechain: use an address that begins with 0:`);
  if (publisher.equals(guardian) || publisher.equals(treasury) || guardian.equals(treasury))
    throw new RangeError("publisher, guardian and treasury watch each other: give three different addresses");
  if (epochCap <= 0n || epochSeconds <= 0)
    throw new RangeError("the payout bucket refills by epochCap in epochSeconds: both must be above zero");
  if (epochCap > EPOCH_CAP_MAX)
    throw new RangeError(`epochCap is ${EPOCH_CAP_MAX} nano units at most: the bucket holds three of them`);
  if (delaySeconds <= 0) throw new RangeError("without a delay nobody has time to veto a root: set delaySeconds");
  for (const [name, seconds] of Object.entries({ epochSeconds, delaySeconds }))
    if (!Number.isInteger(seconds) || seconds > SECONDS_MAX)
      throw new RangeError(`${name} is whole seconds, ${SECONDS_MAX} (thirty days) at most, not ${seconds}`);
  if (!Number.isInteger(slashesPerDay) || slashesPerDay < 0 || slashesPerDay > SLASHES_MAX)
    throw new RangeError(`slashesPerDay is a whole number up to ${SLASHES_MAX}, not ${slashesPerDay}`);
}

/** The initial `DistributorStorage` of storage.tolk: no root, nothing owed, a full bucket. */
function freshDistributor(terms: DistributorTerms): Cell {
  const history = beginCell().storeUint(0, 256).storeCoins(0).storeCoins(0).storeUint(0, 256);
  const control = beginCell()
    .storeAddress(terms.publisher)
    .storeAddress(terms.guardian)
    .storeUint(terms.delaySeconds, 32)
    .storeUint(terms.slashesPerDay, 16)
    .storeUint(0, 16 + 16)
    .storeRef(beginCell().storeAddress(terms.treasury).storeAddress(terms.refunds))
    .storeRef(beginCell().storeAddress(null).storeAddress(null).storeUint(0, 32))
    .storeMaybeRef(null);
  return beginCell()
    .storeMaybeRef(null)
    .storeUint(0, 32)
    .storeCoins(0)
    .storeUint(0, 32)
    .storeCoins(0)
    .storeUint(0, 256)
    .storeCoins(0)
    .storeUint(0, 32 + 32 + 32)
    .storeRef(history)
    .storeUint(0, 32 + 1)
    .storeRef(control)
    .storeCoins(terms.epochCap)
    .storeUint(terms.epochSeconds, 32)
    .storeRef(contributorAccountCode)
    .endCell();
}

function readControl(control: Slice) {
  return {
    publisher: control.loadMaybeAddress(),
    guardian: control.loadAddress(),
    delaySeconds: control.loadUint(32),
    ...readFixed(
      control
        .skip(16 + 16 + 16)
        .loadRef()
        .beginParse(),
    ),
    ...readSuccessors(control.loadRef().beginParse()),
    capChange: readCapChange(control.loadMaybeRef()),
  };
}

function readFixed(fixed: Slice) {
  return { treasury: fixed.loadAddress(), refunds: fixed.loadAddress() };
}

function readSuccessors(successors: Slice) {
  return {
    nextGuardian: successors.loadMaybeAddress(),
    nextPublisher: successors.loadMaybeAddress(),
    publisherFrom: successors.loadUint(32),
  };
}

function readCapChange(cell: Cell | null): CapChange | null {
  if (!cell) return null;
  const change = cell.beginParse();
  return { epochCap: change.loadCoins(), from: change.loadUint(32) || null };
}

function readHistory(history: Slice) {
  return {
    previousRoot: history.loadUintBig(256),
    previousTotalCum: history.loadCoins(),
    paidAtActivation: history.loadCoins(),
    dataHash: history.loadUintBig(256),
  };
}

function readPublished(published: Slice): { root: bigint; totalCum: bigint; dataHash: bigint } {
  return { root: published.loadUintBig(256), totalCum: published.loadCoins(), dataHash: published.loadUintBig(256) };
}
