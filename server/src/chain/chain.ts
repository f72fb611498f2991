/** The TON edge of this server: the network its money is on, its contracts there, and how they are asked. */
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";

export type NetworkName = "mainnet" | "testnet" | "sandbox";

export interface Chain {
  readonly networkId: number;
  readonly network: NetworkName;
  readonly client: TonClient;
  /** Somebody else's endpoint, which must agree on large deposits; null where there is none. */
  readonly second: TonClient | null;
  readonly deposits: Address;
  readonly till: Address;
  readonly distributor: Address;
  /** Key of the wallet that pays out, 32 bytes; null: nothing is paid out by this server. */
  readonly hotSeed: Buffer | null;
  /** Key of the wallet that proposes and opens epochs, 32 bytes; null: this server publishes none. */
  readonly publisherSeed: Buffer | null;
  /** The hot wallet of the books, where this server does not have its key: its transactions are booked all the same. */
  readonly hotOfBooks?: Address;
  /** Key of the provider's consents to close an escrow, 32 bytes; it is part of every escrow's address. null: no self-custody. */
  readonly providerSeed: Buffer | null;
  /** Whether the app inside Telegram may ask a wallet for deposits. */
  readonly topUpInTelegram: boolean;
  /** Where people look at transactions and addresses, with `{hash}` and `{address}` to be put in. */
  readonly explorer: { readonly transaction: string; readonly address: string };
  /** Hosts of our pages, with a port where it is not the usual one: what a wallet's proof must be made for. */
  readonly domains: readonly string[];
  /** The chain's time, UNIX seconds: the sandbox's can be moved. */
  readonly nowS: () => number;
}
