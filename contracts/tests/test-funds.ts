import type { Address, Cell } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import type { BlockchainTransaction } from "@ton/sandbox";
import type { Prices } from "../chain-config/network-config.ts";
import { Escrow, escrowBody } from "../wrappers/Escrow.ts";
import { Vault } from "../wrappers/Vault.ts";
import type { Voucher } from "../wrappers/voucher.ts";
import { TestChain } from "./test-chain.ts";
import { signConsentByCore, signVoucherByCore } from "./test-voucher.ts";

/** Value attached to a message by default, nano units; the unused part is refunded. */
export const ENOUGH = 50_000_000n;

/** Whole coins in nano units. */
export const coins = (amount: number): bigint => BigInt(Math.round(amount * 1e9));

export const sessionKeys = keyPairFromSeed(Buffer.alloc(32, 1));
export const providerKeys = keyPairFromSeed(Buffer.alloc(32, 2));
export const thiefKeys = keyPairFromSeed(Buffer.alloc(32, 3));

/** The world's limits, nano units a day: of the vault's hot wallet, of the reward pool's funding, of the escrow's vouchers. */
export const DAILY_LIMIT = coins(5);
export const POOL_LIMIT = coins(20);
export const DAILY_CAP = coins(50);

export type Party = "owner" | "stranger" | "hot" | "guardian" | "treasury";

/**
 * A chain with a deployed vault of a hundred coins and an escrow that its owner has opened and filled with ten. Built once per price list and
 * process, then reset: opening a new world discards the old one.
 */
export async function fundsWorld({ prices = "june-2026" }: { prices?: Prices } = {}) {
  const world = await (worlds[prices] ??= buildWorld(prices));
  await world.chain.loadFrom(world.beginning);
  return world;
}

const worlds: Partial<Record<Prices, ReturnType<typeof buildWorld>>> = {};

async function buildWorld(prices: Prices) {
  const chain = await TestChain.open({ prices });
  return { ...(await buildFunds(chain)), beginning: chain.snapshot() };
}

/** Deploys the vault and the escrow on a chain, or finds them there. */
export async function buildFunds(chain: TestChain) {
  const parties = {
    owner: await chain.treasury("owner"),
    stranger: await chain.treasury("stranger"),
    hot: await chain.treasury("hot"),
    guardian: await chain.treasury("guardian"),
    treasury: await chain.treasury("treasury"),
  };
  const pool = await chain.treasury("pool");
  const [guardian, treasury, hot] = [parties.guardian.address, parties.treasury.address, parties.hot.address];
  const limits = { dailyLimit: DAILY_LIMIT, poolLimit: POOL_LIMIT };
  const vault = chain.openContract(
    Vault.of({ purpose: "deposits", distributor: pool.address, guardian, treasury, hot, ...limits }),
  );
  await vault.sendDeposit(parties.stranger.getSender(), { value: coins(100), userId: 1n });
  const escrow = escrowFor("owner");
  await escrow.sendTopUp(parties.owner.getSender(), { value: coins(10) });
  const opening = escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: DAILY_CAP });
  await escrow.sendBody(parties.owner.getSender(), { value: ENOUGH, body: opening });

  /** The escrow of a party, not opened yet. */
  function escrowFor(owner: Party) {
    const [providerKey, networkId] = [providerKeys.publicKey, chain.networkId];
    return chain.openContract(
      Escrow.of({ owner: parties[owner].address, vault: vault.address, providerKey, networkId }),
    );
  }

  /** Sends from a party's wallet; returns the transactions and the exit code at the receiver. */
  const send = async ({
    from,
    ...message
  }: {
    from: Party;
    to: Address;
    body: Cell;
    value: bigint;
    bounce?: boolean;
  }) => {
    const { transactions } = await parties[from].send(message);
    return { transactions, exitCode: exitCodeAt(transactions, message.to) };
  };
  const signed = { networkId: chain.networkId, escrow: escrow.address.toRawString(), round: 0 };
  return {
    chain,
    parties,
    pool,
    vault,
    escrow,
    escrowFor,
    send,
    toEscrow: (from: Party, body: Cell, value = ENOUGH) => send({ from, to: escrow.address, body, value }),
    toVault: (from: Party, body: Cell, value = ENOUGH) => send({ from, to: vault.address, body, value }),
    /** Redeems a voucher that the payer signed for this escrow, network and its first round, unless told otherwise. */
    redeem: (cumulative: bigint, changed: Partial<Voucher> = {}, key = sessionKeys.secretKey) =>
      escrowBody.redeem({
        keyIndex: 0,
        cumulative,
        signature: signVoucherByCore({ ...signed, cumulative, ...changed }, key),
      }),
    /** Closes with the provider's consent, good for ten minutes, in the first round, unless told otherwise. */
    closeTogether: (cumulative: bigint, changed: Partial<Voucher> = {}, key = providerKeys.secretKey) => {
      const consent = { ...signed, cumulative, validUntil: chain.time + 600, ...changed };
      const signature = signConsentByCore(consent, key);
      return escrowBody.closeTogether({ cumulative, validUntil: consent.validUntil, signature });
    },
  };
}

/** Exit code of the first transaction at an address: of the action phase where that failed; null where no code ran. */
export function exitCodeAt(transactions: readonly BlockchainTransaction[], address: Address): number | null {
  const { description } = transactionAt(transactions, address);
  if (description.type !== "generic" || description.computePhase.type === "skipped") return null;
  return description.computePhase.exitCode || (description.actionPhase?.resultCode ?? 0);
}

/** The first transaction at an address. */
export function transactionAt(transactions: readonly BlockchainTransaction[], address: Address): BlockchainTransaction {
  const transaction = transactions.find((each) => addressIn(each) === address.toString());
  if (!transaction) throw new Error(`nothing arrived at ${address.toString()}`);
  return transaction;
}

/** Where a transaction happened. */
export const addressIn = ({ inMessage }: BlockchainTransaction): string | undefined => inMessage?.info.dest?.toString();
