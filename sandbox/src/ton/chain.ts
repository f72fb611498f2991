/**
 * A TON network on one machine. The real TVM executes every transaction; this file decides only order and time: which
 * messages go into the next block, which lt they get, and that a block is on disk before its senders are notified.
 * Messages sent in block n are delivered in block n + 1, so that asynchrony, races and bounces are as on the network.
 * Blocks are made when there is work.
 */
import {
  beginCell,
  Cell,
  Dictionary,
  loadMessage,
  loadShardAccount,
  loadTransaction,
  serializeTuple,
  storeMessage,
} from "@ton/core";
import type { Message, ShardAccount, TupleItem, Address } from "@ton/core";
import type { Logger } from "pino";
import { emptyShardAccount, fundedShardAccount } from "./shard-accounts.ts";
import type { ChainClock } from "./chain-clock.ts";
import { EmulatorUnavailable, Executor } from "./executor.ts";
import type { Done, Refused, Returned } from "./executor-messages.ts";
import { History } from "./history.ts";
import type { NewTransaction } from "./history.ts";
import { ltOf, TRANSACTIONS_PER_BLOCK_MAX } from "./logical-time.ts";

/** Leaves room for externals in a block that a long tail of messages would fill. */
const INTERNAL_PER_BLOCK_MAX = 400;
const EXTERNAL_PER_BLOCK_MAX = TRANSACTIONS_PER_BLOCK_MAX - INTERNAL_PER_BLOCK_MAX;
/** Queued external messages, ten blocks' worth; further ones are rejected as busy. */
const EXTERNALS_WAITING_MAX = 1_000;
/** While more messages than this wait for delivery, new ones are rejected as busy. */
const QUEUE_MAX = 20_000;
/** Pause before retrying a block after a full disk or an unavailable emulator, so that queued messages still go on. */
const RETRY_MS = 2_000;
const OF_BLOCK = { ignoreSignature: false, ofBlock: true };
/** Gas limit of a get method, as on a liteserver. */
const METHOD_GAS_MAX = 1_000_000n;

export interface ChainOptions {
  readonly file: string;
  readonly clock: Pick<ChainClock, "now">;
  /** Blockchain configuration; its parameter 19 is `networkId`. */
  readonly config: Cell;
  readonly networkId: number;
  /** Accounts at the beginning; used only when the file is new. */
  readonly genesis: readonly { readonly address: Address; readonly nano: bigint }[];
  readonly log?: Pick<Logger, "warn" | "error">;
}

/** The network rejected an external message. `exitCode` is the contract's, or null when it never ran. */
export class MessageRefused extends Error {
  override readonly name = "MessageRefused";
  readonly exitCode: number | null;
  constructor(message: string, exitCode: number | null) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The chain has too many requests: retry in a moment. */
export class ChainBusy extends Error {
  override readonly name = "ChainBusy";
}

interface Waiting {
  readonly message: Message;
  readonly resolve: (block: { seqno: number }) => void;
  readonly reject: (fault: Error) => void;
}

/** A block being made, with the account states its later transactions see. */
interface Draft {
  readonly seqno: number;
  readonly timeS: number;
  readonly seed: string;
  readonly states: Map<string, string>;
  readonly transactions: NewTransaction[];
  readonly dropped: string[];
  taken: number;
}

export class Chain {
  readonly history: History;
  readonly networkId: number;
  readonly clock: Pick<ChainClock, "now">;
  readonly #config: Dictionary<number, Cell>;
  readonly #executor: Executor;
  readonly #log: Pick<Logger, "warn" | "error"> | undefined;
  readonly #externals: Waiting[] = [];
  readonly #listeners = new Set<() => void>();
  #producing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(history: History, options: ChainOptions) {
    this.history = history;
    this.networkId = options.networkId;
    this.clock = options.clock;
    this.#log = options.log;
    this.#config = options.config.beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
    this.#executor = new Executor(options.config.toBoc().toString("base64"), options.log);
  }

  /** Opens the chain in the file, or creates one. @throws when the file belongs to another network or is damaged */
  static async open(options: ChainOptions): Promise<Chain> {
    const history = await History.open(options.file);
    try {
      if (history.networkId === null) await history.begin(genesisOf(options));
      else if (history.networkId !== options.networkId)
        throw new Error(
          `${options.file} belongs to network ${history.networkId}, not ${options.networkId}: use that network's settings or another folder.`,
        );
    } catch (error) {
      await history[Symbol.asyncDispose]();
      throw error;
    }
    const chain = new Chain(history, options);
    chain.#wake(); // Messages in flight at the last close are delivered.
    return chain;
  }

  /** Seconds since 1970; never before the last block's. */
  nowS(): number {
    return Math.max(this.history.lastBlock.timeS, Math.floor(this.clock.now() / 1_000));
  }

  /** A parameter of the blockchain configuration, which never changes on this network; null when there is none. */
  configParam(id: number): Cell | null {
    return this.#config.get(id) ?? null;
  }

  account(address: Address): ShardAccount {
    return loadShardAccount(Cell.fromBase64(this.#state(address.toRawString())).beginParse());
  }

  /**
   * Puts an external message into a block. Resolves when that block is on disk; the messages it causes follow in later
   * blocks.
   * @throws {MessageRefused} when no contract accepted it: nothing happened and nothing was paid
   * @throws {ChainBusy} when too many messages wait or the chain is closing
   */
  send(message: Message): Promise<{ seqno: number }> {
    if (this.#closed) return Promise.reject(new ChainBusy("The chain is being closed."));
    if (message.info.type !== "external-in")
      return Promise.reject(new MessageRefused("only external messages can be sent to the network", null));
    if (this.#externals.length >= EXTERNALS_WAITING_MAX || this.history.queueLength > QUEUE_MAX)
      return Promise.reject(new ChainBusy("Too many messages wait already: try again in a moment."));
    return new Promise((resolve, reject) => {
      this.#externals.push({ message, resolve, reject });
      this.#wake();
    });
  }

  /** Runs a get method on the present state. Returns `refused` for an account without code. */
  async method(address: Address, methodId: number, stack: TupleItem[]): Promise<Returned | Refused> {
    const { account } = this.account(address);
    if (account?.storage.state.type !== "active")
      return { kind: "refused", error: "the account has no code", exitCode: null };
    const { code, data } = account.storage.state.state;
    return this.#executor.method({
      code: (code ?? Cell.EMPTY).toBoc().toString("base64"),
      data: (data ?? Cell.EMPTY).toBoc().toString("base64"),
      methodId,
      stack: serializeTuple(stack).toBoc().toString("base64"),
      address: address.toRawString(),
      nowS: this.nowS(),
      balance: account.storage.balance.coins,
      seed: this.history.lastBlock.hash.toString("hex"),
      gasLimit: METHOD_GAS_MAX,
    });
  }

  /** Runs a message on the present state without storing anything, to see its cost and effects. */
  dryRun(message: Message, options: { ignoreSignature: boolean }): Promise<Done | Refused> {
    return this.#execute(this.#draft(), message, { ...options, ofBlock: false });
  }

  /** Resolves when nothing is in flight, or after `msMax`, since a contract that messages itself never settles. */
  async settled(msMax = 10_000): Promise<void> {
    const end = performance.now() + msMax;
    while (this.#producing && performance.now() < end) await this.nextBlock(end - performance.now());
  }

  /** Resolves at the next block, when no work is left, or after `ms`. */
  nextBlock(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#listeners.add(done);
    });
  }

  /** Closes after the current block. Messages still in flight are stored and delivered after the next opening. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const { reject } of this.#externals.splice(0)) reject(new ChainBusy("The chain is being closed."));
    await this.#producing;
    await this.#executor[Symbol.asyncDispose]();
    await this.history[Symbol.asyncDispose]();
  }

  #wake(): void {
    if (this.#producing || this.#closed || !this.#hasWork()) return;
    this.#producing = this.#produce().finally(() => {
      this.#producing = null;
      this.#notify();
    });
  }

  #hasWork(): boolean {
    return this.history.queueLength > 0 || this.#externals.length > 0;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  async #produce(): Promise<void> {
    while (!this.#closed && this.#hasWork()) {
      const sent = this.#externals.splice(0, EXTERNAL_PER_BLOCK_MAX);
      try {
        const accepted = await this.#makeBlock(sent);
        for (const { resolve } of accepted) resolve({ seqno: this.history.lastBlock.seqno });
      } catch (error) {
        const fault = error instanceof Error ? error : new Error(String(error));
        for (const { reject } of sent) reject(fault);
        this.#log?.error({ err: fault }, "the chain could not make a block");
        this.#retry = setTimeout(() => this.#wake(), RETRY_MS).unref();
        return; // Nothing is lost: the next message or the timer retries.
      }
      this.#notify();
    }
  }

  /** Makes a block. Returns those of `sent` that are in it; the others are rejected. */
  async #makeBlock(sent: readonly Waiting[]): Promise<Waiting[]> {
    const draft = this.#draft();
    for (const message of this.history.waiting(INTERNAL_PER_BLOCK_MAX)) await this.#deliver(draft, message);
    const accepted: Waiting[] = [];
    for (const waiting of sent) {
      const outcome = await this.#execute(draft, waiting.message, OF_BLOCK);
      if (outcome.kind === "done") accepted.push(waiting);
      else waiting.reject(new MessageRefused(outcome.error, outcome.exitCode));
    }
    if (draft.taken > 0 || draft.transactions.length > 0) await this.history.append(draft);
    return accepted;
  }

  /** Delivers a queued message. One that cannot be run is dropped, so that it does not block the queue; an unavailable
   *  emulator throws instead. */
  async #deliver(draft: Draft, message: Message): Promise<void> {
    const outcome = await this.#execute(draft, message, OF_BLOCK);
    draft.taken += 1;
    if (outcome.kind === "done") return;
    draft.dropped.push(outcome.error.slice(0, 500));
    this.#log?.warn({ error: outcome.error }, "the emulator could not run a message; it is dropped");
  }

  /** Executes a message. One that makes the emulator fail is refused, so that the rest of its block is not affected. */
  async #execute(
    draft: Draft,
    message: Message,
    { ignoreSignature, ofBlock }: typeof OF_BLOCK,
  ): Promise<Done | Refused> {
    const account = (message.info.dest as Address).toRawString();
    const position = draft.transactions.length;
    const lt = ltOf({ seqno: draft.seqno, position });
    const run = {
      shardAccount: draft.states.get(account) ?? this.#state(account),
      message: beginCell().store(storeMessage(message)).endCell().toBoc().toString("base64"),
      nowS: draft.timeS,
      lt,
      seed: draft.seed,
      ignoreSignature,
    };
    const outcome = await this.#executor.transaction(run, { ofBlock }).catch((error: unknown): Refused => {
      if (error instanceof EmulatorUnavailable) throw error;
      return { kind: "refused", error: String(error), exitCode: null };
    });
    if (outcome.kind === "refused") return outcome;
    const transaction = loadTransaction(Cell.fromBase64(outcome.transaction).beginParse());
    if (transaction.lt !== lt) throw new Error(`the emulator assigned lt ${transaction.lt} instead of ${lt}`);
    draft.states.set(account, outcome.shardAccount);
    draft.transactions.push({
      account,
      boc: Buffer.from(outcome.transaction, "base64"),
      shardAccount: Buffer.from(outcome.shardAccount, "base64"),
      internal: [...transaction.outMessages].flatMap(([number, { info }]) =>
        info.type === "internal" ? [number] : [],
      ),
    });
    return outcome;
  }

  #draft(): Draft {
    const { seqno, hash } = this.history.lastBlock;
    return {
      seqno: seqno + 1,
      timeS: this.nowS(),
      seed: hash.toString("hex"),
      states: new Map(),
      transactions: [],
      dropped: [],
      taken: 0,
    };
  }

  #state(address: string): string {
    return this.history.shardAccount(address) ?? emptyShardAccount();
  }
}

/** @throws {MessageRefused} when the cell is not a message that the network accepts */
export function readExternalMessage(cell: Cell): Message {
  let message: Message;
  try {
    message = loadMessage(cell.beginParse());
  } catch (error) {
    throw new MessageRefused(
      `cannot deserialize message: ${error instanceof Error ? error.message : String(error)}`,
      null,
    );
  }
  if (message.info.type !== "external-in") throw new MessageRefused("not an external inbound message", null);
  const { workChain } = message.info.dest;
  if (workChain !== 0 && workChain !== -1) throw new MessageRefused(`there is no workchain ${workChain}`, null);
  return message;
}

function genesisOf({ networkId, clock, genesis }: ChainOptions) {
  const timeS = Math.floor(clock.now() / 1_000);
  const accounts = genesis.map((funded) => ({ address: funded.address, shardAccount: fundedShardAccount(funded) }));
  return { networkId, timeS, accounts };
}
