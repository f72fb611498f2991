import { beginCell, Cell, contractAddress } from "@ton/core";
import type { Address, ContractProvider, Sender } from "@ton/core";
import artefact from "../artefacts/Escrow.json" with { type: "json" };
import { ContractAt, messageHead } from "./contract-at.ts";
import { EscrowOp, EscrowTerms as Terms } from "./escrow-codes.ts";

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
  /** Null until the owner has opened the escrow. */
  sessionKey: Buffer | null;
  settled: bigint;
  round: number;
  ripeAt: number | null;
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
    const [sessionKey, settled, round, ripeAt] = [
      stack.readBigNumber(),
      stack.readBigNumber(),
      stack.readNumber(),
      stack.readNumber(),
    ];
    return {
      ...state,
      sessionKey: sessionKey === 0n ? null : toKey(sessionKey),
      settled,
      round,
      ripeAt: ripeAt || null,
    };
  }

  /** What vouchers can still take, nano units: the balance above the storage reserve. */
  async getSpendable(provider: ContractProvider): Promise<bigint> {
    return (await provider.get("get_spendable", [])).stack.readBigNumber();
  }
}

/** Bodies of the messages an escrow accepts, also for wallets that sign what a web page asks. */
export const escrowBody = {
  topUp: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(EscrowOp.TopUp, queryId).endCell(),
  setKey: ({ queryId = 0n, sessionKey }: { queryId?: bigint; sessionKey: Uint8Array }) =>
    messageHead(EscrowOp.SetKey, queryId).storeBuffer(Buffer.from(sessionKey), 32).endCell(),
  redeem: ({ queryId = 0n, cumulative, signature }: { queryId?: bigint; cumulative: bigint; signature: Uint8Array }) =>
    messageHead(EscrowOp.Redeem, queryId).storeCoins(cumulative).storeBuffer(Buffer.from(signature), 64).endCell(),
  requestClose: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(EscrowOp.RequestClose, queryId).endCell(),
  withdraw: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(EscrowOp.Withdraw, queryId).endCell(),
  closeTogether: (consent: { queryId?: bigint; cumulative: bigint; validUntil: number; signature: Uint8Array }) =>
    messageHead(EscrowOp.CloseTogether, consent.queryId ?? 0n)
      .storeCoins(consent.cumulative)
      .storeUint(consent.validUntil, 32)
      .storeBuffer(Buffer.from(consent.signature), 64)
      .endCell(),
};

/** Whether a provider may serve on vouchers of this escrow: it is open and no close is under way. `now` is UNIX seconds. */
export function isServable({ sessionKey, ripeAt }: EscrowState, now: number): boolean {
  return sessionKey !== null && (ripeAt === null || now >= ripeAt + Terms.WITHDRAW_WINDOW);
}

function initialData({ owner, vault, providerKey, networkId }: EscrowTerms): Cell {
  if (owner.workChain !== 0 || vault.workChain !== 0)
    throw new RangeError("an escrow's owner and vault must be in the basechain: use addresses that begin with 0:");
  if (providerKey.length !== 32 || providerKey.every((byte) => byte === 0))
    throw new RangeError("the provider's key must be an Ed25519 public key of 32 bytes");
  const terms = beginCell()
    .storeAddress(owner)
    .storeAddress(vault)
    .storeBuffer(providerKey, 32)
    .storeInt(networkId, 32)
    .endCell();
  return beginCell().storeRef(terms).storeUint(0, 256).storeCoins(0).storeUint(0, 32).storeUint(0, 32).endCell();
}

const toKey = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, "0"), "hex");
