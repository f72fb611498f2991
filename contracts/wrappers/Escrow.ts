import { beginCell, Cell, contractAddress, Dictionary } from "@ton/core";
import type { Address, ContractProvider, Sender } from "@ton/core";
import artefact from "../artefacts/Escrow.json" with { type: "json" };
import { ContractAt, messageHead } from "./contract-at.ts";
import { EscrowOp, EscrowTerms as Terms } from "./escrow-codes.ts";
import { isWeakKey } from "./session-key.ts";

/** Terms of an escrow, which never change and give its address. `providerKey` is an Ed25519 public key, 32 bytes. */
export interface EscrowTerms {
  owner: Address;
  vault: Address;
  providerKey: Buffer;
  /** The chain's global id: -239 mainnet, -3 testnet. */
  networkId: number;
}

/**
 * Amounts are nano units; `settled` is what the vault has received in all; `ripeAt` is UNIX seconds, null when no close was
 * requested.
 */
export interface EscrowState extends EscrowTerms {
  /** Public keys that sign vouchers, at their indexes; empty until the owner has opened the escrow. */
  keys: Buffer[];
  settled: bigint;
  round: number;
  ripeAt: number | null;
  /** The most that vouchers may draw in a day, and how much of it they may draw now. */
  dailyCap: bigint;
  capLeft: bigint;
}

/** A user's prepaid balance: pays its vault against signed vouchers, and refunds its owner without anybody's help. */
export class Escrow extends ContractAt {
  static readonly code = Cell.fromBase64(artefact.code);

  /** The escrow of these terms, deployed or not. Throws on terms that could never work. */
  static of(terms: EscrowTerms): Escrow {
    const init = { code: Escrow.code, data: initialData(terms) };
    return new Escrow(contractAddress(0, init), init);
  }

  async sendTopUp(
    provider: ContractProvider,
    via: Sender,
    options: { value: bigint; queryId?: bigint },
  ): Promise<void> {
    await provider.internal(via, { value: options.value, body: escrowBody.topUp(options) });
  }

  async getState(provider: ContractProvider): Promise<EscrowState> {
    const { stack } = await provider.get("get_escrow", []);
    const state = {
      owner: stack.readAddress(),
      vault: stack.readAddress(),
      providerKey: toKey(stack.readBigNumber()),
      networkId: stack.readNumber(),
    };
    const keys = stack.readCellOpt();
    const [settled, round, ripeAt] = [stack.readBigNumber(), stack.readNumber(), stack.readNumber()];
    const [dailyCap, capLeft] = [stack.readBigNumber(), stack.readBigNumber()];
    return { ...state, keys: keys ? readKeys(keys) : [], settled, round, ripeAt: ripeAt || null, dailyCap, capLeft };
  }

  /** What the balance holds above the storage reserve, nano units: vouchers can take that at most, and no more than `capLeft`. */
  async getSpendable(provider: ContractProvider): Promise<bigint> {
    return (await provider.get("get_spendable", [])).stack.readBigNumber();
  }

  /**
   * The index of the session key whose voucher of this round this is; null when it is none. A provider asks it before its first answer:
   * the chain that will pay has then judged the key and its signature.
   */
  async getCheckVoucher(provider: ContractProvider, cumulative: bigint, signature: Uint8Array): Promise<number | null> {
    const slice = beginCell().storeBuffer(Buffer.from(signature)).endCell();
    const { stack } = await provider.get("check_voucher", [
      { type: "int", value: cumulative },
      { type: "slice", cell: slice },
    ]);
    const index = stack.readNumber();
    return index < 0 ? null : index;
  }
}

/** Bodies of the messages an escrow accepts, also for wallets that sign what a web page asks. */
export const escrowBody = {
  topUp: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(EscrowOp.TopUp, queryId).endCell(),
  /** Opens the escrow, or replaces every key in a ripe close. `dailyCap` is nano units. @throws {RangeError} for a weak key. */
  setKey: ({ queryId = 0n, sessionKey, dailyCap }: { queryId?: bigint; sessionKey: Uint8Array; dailyCap: bigint }) =>
    messageHead(EscrowOp.SetKey, queryId).storeBuffer(strongKey(sessionKey), 32).storeCoins(dailyCap).endCell(),
  /** @throws {RangeError} for a weak key. */
  addKey: ({ queryId = 0n, sessionKey }: { queryId?: bigint; sessionKey: Uint8Array }) =>
    messageHead(EscrowOp.AddKey, queryId).storeBuffer(strongKey(sessionKey), 32).endCell(),
  raiseCap: ({ queryId = 0n, dailyCap }: { queryId?: bigint; dailyCap: bigint }) =>
    messageHead(EscrowOp.RaiseCap, queryId).storeCoins(dailyCap).endCell(),
  cancelClose: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(EscrowOp.CancelClose, queryId).endCell(),
  /** `keyIndex` is the signing key's, as `EscrowState.keys` and `getCheckVoucher` tell it. */
  redeem: (voucher: { queryId?: bigint; keyIndex: number; cumulative: bigint; signature: Uint8Array }) =>
    messageHead(EscrowOp.Redeem, voucher.queryId ?? 0n)
      .storeUint(voucher.keyIndex, 2)
      .storeCoins(voucher.cumulative)
      .storeBuffer(Buffer.from(voucher.signature), 64)
      .endCell(),
  requestClose: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(EscrowOp.RequestClose, queryId).endCell(),
  withdraw: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(EscrowOp.Withdraw, queryId).endCell(),
  closeTogether: (consent: { queryId?: bigint; cumulative: bigint; validUntil: number; signature: Uint8Array }) =>
    messageHead(EscrowOp.CloseTogether, consent.queryId ?? 0n)
      .storeCoins(consent.cumulative)
      .storeUint(consent.validUntil, 32)
      .storeBuffer(Buffer.from(consent.signature), 64)
      .endCell(),
};

/**
 * How far a server's clock may be ahead of the chain's, or its reading of the state behind it, in seconds. Served in the last second of a
 * ripe close would be served for nothing.
 */
export const CLOCK_MARGIN = 600;

/**
 * Whether a provider may serve on vouchers of this escrow: it is open and no close is under way, nor has one expired just now. `now` is UNIX
 * seconds. Whatever is owed when a close is requested must be redeemed by `redeemBy`.
 */
export function isServable({ keys, ripeAt }: Pick<EscrowState, "keys" | "ripeAt">, now: number): boolean {
  return keys.length > 0 && (ripeAt === null || now >= ripeAt + Terms.WITHDRAW_WINDOW + CLOCK_MARGIN);
}

/** Until when vouchers should be redeemed, UNIX seconds: ten minutes before the owner may withdraw. Null while no close is requested. */
export function redeemBy({ ripeAt }: Pick<EscrowState, "ripeAt">): number | null {
  return ripeAt === null ? null : ripeAt - CLOCK_MARGIN;
}

function initialData({ owner, vault, providerKey, networkId }: EscrowTerms): Cell {
  if (owner.workChain !== 0 || vault.workChain !== 0)
    throw new RangeError("an escrow's owner and vault must be in the basechain: use addresses that begin with 0:");
  if (isWeakKey(providerKey))
    throw new RangeError(
      "the provider's key must be an Ed25519 public key of 32 bytes, for which nobody else can sign",
    );
  const terms = beginCell()
    .storeAddress(owner)
    .storeAddress(vault)
    .storeBuffer(providerKey, 32)
    .storeInt(networkId, 32)
    .endCell();
  // No keys, nothing settled, round 0, no close, no cap, nothing drawn, never updated.
  return beginCell()
    .storeRef(terms)
    .storeMaybeRef(null)
    .storeCoins(0)
    .storeUint(0, 32)
    .storeUint(0, 32)
    .storeCoins(0)
    .storeCoins(0)
    .storeUint(0, 32)
    .endCell();
}

function readKeys(cell: Cell): Buffer[] {
  const keys = Dictionary.loadDirect(Dictionary.Keys.Uint(2), Dictionary.Values.BigUint(256), cell);
  return keys.values().map(toKey);
}

function strongKey(key: Uint8Array): Buffer {
  if (isWeakKey(key))
    throw new RangeError("a session key must be an Ed25519 public key of 32 bytes, for which nobody else can sign");
  return Buffer.from(key);
}

const toKey = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, "0"), "hex");
