import { Dictionary } from "@ton/core";
import type { Address } from "@ton/core";
import { Blockchain, Executor, LocalBlockchainStorage } from "@ton/sandbox";
import type { BlockchainTransaction } from "@ton/sandbox";
import { LOCAL_NETWORK_ID, networkConfig } from "../chain-config/network-config.ts";
import type { Prices } from "../chain-config/network-config.ts";

/** Chain time of a new test chain, UNIX seconds: after the storage price of June 2026 came into force. */
export const GENESIS = 1_790_000_000;

/** `npm run test:long` runs the suite once more at mainnet's version; see docs/contracts.md for what the emulator has of it. */
const VERSION = process.env["TVM_VERSION"] ? { globalVersion: Number(process.env["TVM_VERSION"]) } : {};

/** One emulator a process: it holds no state between calls and costs tens of megabytes. */
let executor: Promise<Executor> | undefined;

/** A fresh chain for one test: real TVM, real fees, time that only `advance` moves. */
export class TestChain extends Blockchain {
  readonly networkId: number = LOCAL_NETWORK_ID;

  static async open(options: { prices?: Prices } = {}): Promise<TestChain> {
    const chain = new TestChain({
      executor: await (executor ??= Executor.create()),
      storage: new LocalBlockchainStorage(),
      config: networkConfig({ ...options, ...VERSION }),
    });
    chain.now = GENESIS;
    return chain;
  }

  /** Every transaction since genesis, oldest first, including the deployments of treasuries. */
  get history(): readonly BlockchainTransaction[] {
    return this.transactions;
  }

  /** Chain time, UNIX seconds. */
  get time(): number {
    return this.now ?? GENESIS;
  }

  /** What a message without references costs to send, nano units: parameter 25, `msg_forward_prices#ea lump_price:uint64 …`. */
  get messagePrice(): bigint {
    const params = this.config.beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
    return params.get(25)!.beginParse().skip(8).loadUintBig(64);
  }

  advance(seconds: number): void {
    this.now = this.time + seconds;
  }

  /** Nano units an account owns; zero for one that does not exist. */
  async balanceOf(address: Address): Promise<bigint> {
    return (await this.getContract(address)).balance;
  }

  /** Hash of a contract's storage, hex: equal before and after means that nothing was changed. Null for an account without code. */
  async storageHash(address: Address): Promise<string | null> {
    const { accountState } = await this.getContract(address);
    return accountState?.type === "active" ? (accountState.state.data?.hash().toString("hex") ?? null) : null;
  }

  /** Nano units of all accounts together. */
  totalBalance(): bigint {
    return this.storage.knownContracts().reduce((sum, { balance }) => sum + balance, 0n);
  }

  /** Opens the books. Create every treasury first: its initial balance comes from nowhere. */
  async openBooks(): Promise<Books> {
    const before = new Map(
      this.storage.knownContracts().map(({ address, balance }) => [address.toRawString(), balance]),
    );
    return new Books(this, before, this.history.length);
  }
}

/** Changes of balances and fees since the books were opened. Fees are a side of every equation. */
export class Books {
  readonly #chain: TestChain;
  readonly #before: ReadonlyMap<string, bigint>;
  readonly #from: number;

  constructor(chain: TestChain, before: ReadonlyMap<string, bigint>, from: number) {
    this.#chain = chain;
    this.#before = before;
    this.#from = from;
  }

  get transactions(): readonly BlockchainTransaction[] {
    return this.#chain.history.slice(this.#from);
  }

  /** What validators took: transactions' fees, and the forward fee that travels inside each internal message. */
  get fees(): bigint {
    return this.transactions.reduce((sum, transaction) => sum + feesOf(transaction), 0n);
  }

  /** By how much an account's balance changed. */
  async change(address: Address): Promise<bigint> {
    return (await this.#chain.balanceOf(address)) - (this.#before.get(address.toRawString()) ?? 0n);
  }

  /** Storage fees an account paid, nano units. */
  rent(address: Address): bigint {
    return this.transactions.reduce((sum, { description, inMessage }) => {
      if (description.type !== "generic" || inMessage?.info.dest?.toString() !== address.toString()) return sum;
      return sum + (description.storagePhase?.storageFeesCollected ?? 0n);
    }, 0n);
  }

  /**
   * Throws unless all balances together changed by exactly what was injected minus what the fee sink took, to the nano unit.
   * No message may still be in flight.
   */
  close(): void {
    const before = [...this.#before.values()].reduce((sum, balance) => sum + balance, 0n);
    const expected = before + this.#injected - this.fees;
    const found = this.#chain.totalBalance();
    if (found !== expected)
      throw new Error(
        `money is not conserved: expected ${expected} nano over all accounts, found ${found} (${found - expected})`,
      );
  }

  /** Value of internal messages that a test itself put on the chain. */
  get #injected(): bigint {
    return this.transactions.reduce((sum, { parent, inMessage }) => {
      return parent || inMessage?.info.type !== "internal" ? sum : sum + inMessage.info.value.coins;
    }, 0n);
  }
}

/** Fees one transaction and its outgoing messages paid, nano units. Since TVM 12 `ihr_fee` holds bounce flags, not money. */
export function feesOf({ totalFees, outMessages }: BlockchainTransaction): bigint {
  return outMessages.values().reduce((sum, { info }) => {
    return info.type === "internal" ? sum + info.forwardFee : sum;
  }, totalFees.coins);
}
