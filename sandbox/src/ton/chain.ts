/**
 * A TON network of one machine. Every transaction is executed by the real TVM; this file decides only order and time: which messages go
 * into the next block, what lt they get, and that a block is on the disk before its senders are told. Messages sent in block n are
 * delivered in block n + 1, so that asynchrony, races and bounces look as on the network. Blocks are made when there is work.
 */
import {
  beginCell,
  Cell,
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
/** Ten blocks' worth: who sends faster is told to wait. */
const EXTERNALS_WAITING_MAX = 1_000;
/** While more messages than this wait for delivery, no new ones are let in. */
const QUEUE_MAX = 20_000;
/** After a full disk or an emulator that did not answer; what was in flight then waits for no new message. */
const RETRY_MS = 2_000;
const OF_BLOCK = { ignoreSignature: false, ofBlock: true };
/** What a liteserver gives a get method. */
const METHOD_GAS_MAX = 1_000_000n;

export interface ChainOptions {
  readonly file: string;
  readonly clock: Pick<ChainClock, "now">;
  /** Blockchain configuration; its parameter 19 is `networkId`. */
  readonly config: Cell;
  readonly networkId: number;
  /** What exists at the beginning; read only when the file is new. */
  readonly genesis: readonly { readonly address: Address; readonly nano: bigint }[];
  readonly log?: Pick<Logger, "warn" | "error">;
}

/** The network would not take an external message. `exitCode` is the contract's, or null when it never ran. */
export class MessageRefused extends Error {
  override readonly name = "MessageRefused";
  readonly exitCode: number | null;
  constructor(message: string, exitCode: number | null) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** More is asked at once than the chain takes: try again in a moment. */
export class ChainBusy extends Error {
  override readonly name = "ChainBusy";
}

interface Waiting {
  readonly message: Message;
  readonly resolve: (block: { seqno: number }) => void;
  readonly reject: (fault: Error) => void;
}

/** A block being made: what it will say, and the states its later transactions see. */
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
    this.#executor = new Executor(options.config.toBoc().toString("base64"), options.log);
  }

  /** Opens the chain kept in the file, or begins one. @throws when the file belongs to another network or is damaged. */
  static async open(options: ChainOptions): Promise<Chain> {
    const history = await History.open(options.file);
    try {
      if (history.networkId === null) await history.begin(genesisOf(options));
      else if (history.networkId !== options.networkId)
        throw new Error(
          `${options.file} belongs to network ${history.networkId}, not ${options.networkId}: use its own settings or another folder.`,
        );
    } catch (error) {
      await history[Symbol.asyncDispose]();
      throw error;
    }
    const chain = new Chain(history, options);
    chain.#wake(); // Messages that were in flight when the chain was closed go on.
    return chain;
  }

  /** Seconds since 1970; never before the last block's. */
  nowS(): number {
    return Math.max(this.history.lastBlock.timeS, Math.floor(this.clock.now() / 1_000));
  }

  account(address: Address): ShardAccount {
    return loadShardAccount(Cell.fromBase64(this.#state(address.toRawString())).beginParse());
  }

  /**
   * Brings an external message into a block. Resolves when that block is on the disk; what the message causes follows in later blocks.
   * @throws {MessageRefused} when no contract accepted it: nothing happened and nothing was paid
   * @throws {ChainBusy}
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

  /** What a get method returns now. `refused` for an account without code. */
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

  /** Runs a message against the present state without keeping anything: what it would cost and cause. */
  dryRun(message: Message, options: { ignoreSignature: boolean }): Promise<Done | Refused> {
    return this.#execute(this.#draft(), message, { ...options, ofBlock: false });
  }

  /** Resolves when nothing is in flight, or after `msMax`: a contract that writes to itself never comes to rest. */
  async settled(msMax = 10_000): Promise<void> {
    const end = performance.now() + msMax;
    while (this.#producing && performance.now() < end) await this.nextBlock(end - performance.now());
  }

  /** Resolves at the next block or when the chain comes to rest, at the latest after `ms`. */
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

  /** Ends with the block being made. Messages still in flight are kept and go on at the next opening. */
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
      this.#tell();
    });
  }

  #hasWork(): boolean {
    return this.history.queueLength > 0 || this.#externals.length > 0;
  }

  #tell(): void {
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
        return; // Nothing is lost: the next message tries again, or time does.
      }
      this.#tell();
    }
  }

  /** Returns those of `sent` that are in the block; the others have been told why not. */
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

  /** A message that cannot be run leaves the queue too: it must not stop the network behind it. An emulator that is gone stops it. */
  async #deliver(draft: Draft, message: Message): Promise<void> {
    const outcome = await this.#execute(draft, message, OF_BLOCK);
    draft.taken += 1;
    if (outcome.kind === "done") return;
    draft.dropped.push(outcome.error.slice(0, 500));
    this.#log?.warn({ error: outcome.error }, "the emulator could not run a message; it is dropped");
  }

  /** A message at which the emulator fails is refused as well: it is nobody else's fault in its block. */
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
    if (transaction.lt !== lt) throw new Error(`the emulator dealt lt ${transaction.lt} instead of ${lt}`);
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

/** @throws {MessageRefused} when the cell is no message, or not one the network takes. */
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
