/** A reward tree in its own thread: hashing a million leaves takes many seconds, which would block a server. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Cell } from "@ton/core";
import type { LeafFileHeader } from "./leaf-file.ts";

/** Pending proofs at most; at 2 ms each the last one waits two seconds. */
const WAITING_MAX = 1_000;

export interface TreeFacts extends LeafFileHeader {
  root: Uint8Array;
  size: number;
  total: bigint;
  dataHash: Uint8Array;
}

export interface ProofRequest {
  id: number;
  owner: Uint8Array;
}

export interface ProofReply {
  id: number;
  amount: bigint;
  proof: Uint8Array;
}

export interface RewardProof {
  /** Everything the owner ever earned, nano units; 0 with a proof of absence. */
  amount: bigint;
  proof: Cell;
}

interface Waiting {
  resolve(proof: RewardProof): void;
  reject(error: Error): void;
}

export class RewardTreeThread {
  readonly file: string;
  readonly facts: TreeFacts;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #closedBy: Error | null = null;

  private constructor(worker: Worker, { file, facts }: { file: string; facts: TreeFacts }) {
    this.file = file;
    this.facts = facts;
    this.#worker = worker;
    worker.on("message", (reply: ProofReply) => this.#answer(reply));
    worker.on("error", (error) => this.#end(error));
    worker.on("exit", () => this.#end(new Error("The reward tree was closed")));
  }

  /** Reads and hashes a leaf file; `signal` ends the thread at once. @throws what `readLeafFile` throws. */
  static async open(file: string, { signal }: { signal?: AbortSignal } = {}): Promise<RewardTreeThread> {
    const worker = new Worker(new URL("./reward-tree-entry.mjs", import.meta.url), { workerData: { file } });
    try {
      const [facts] = (await once(worker, "message", signal ? { signal } : {})) as [TreeFacts];
      return new RewardTreeThread(worker, { file, facts });
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** Proves what this owner (account hash, 32 bytes) ever earned, or that the tree has no such owner. */
  async proof(owner: Uint8Array): Promise<RewardProof> {
    if (this.#closedBy) throw this.#closedBy;
    if (owner.length !== 32) throw new Error("An owner is an account hash of 32 bytes");
    if (this.#waiting.size >= WAITING_MAX) throw new Error("Too many proofs are pending: try again in a second");
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, owner } satisfies ProofRequest, []);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #answer({ id, amount, proof }: ProofReply): void {
    this.#waiting.get(id)?.resolve({ amount, proof: Cell.fromBoc(Buffer.from(proof))[0]! });
    this.#waiting.delete(id);
  }

  #end(error: Error): void {
    this.#closedBy ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#closedBy);
    this.#waiting.clear();
  }
}
