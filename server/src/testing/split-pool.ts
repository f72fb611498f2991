/** A pool whose machines each hold about half of the plumbing model. The machines are scripted; the rest is the real thing. */
import { randomUUID } from "node:crypto";
import { PLUMBING_MODEL, loadCatalogue } from "@starai/protocol/catalogue";
import type { GroupFrame, SplitOffer } from "@starai/protocol/split";
import type { ServedModel, WorkerFrame } from "@starai/protocol/worker-frames";
import type { Vocabularies } from "../vocabulary/vocabularies.ts";
import { bindWorker } from "./bind-worker.ts";
import { openPoolStack, plumbingModel } from "./pool-stack.ts";
import type { PoolStack } from "./pool-stack.ts";
import { ScriptedWorker, newKeys } from "./scripted-worker.ts";

type Stage = Extract<WorkerFrame, { type: "group" }>["stage"];

export const SPLIT_MODEL = loadCatalogue().get(PLUMBING_MODEL)!;
/** Of the thirty layers 15 as head and 21 as node, with 4,096 tokens of context. */
export const HALF_BYTES = 140e6;

export interface Lends extends Partial<SplitOffer> {
  /** Whose it is; by default everybody's are one person's. Null: nobody's. */
  person?: string | null;
  stake?: bigint;
  keys?: ReturnType<typeof newKeys>;
}

export class SplitPool implements AsyncDisposable {
  readonly stack: PoolStack;
  readonly owner = randomUUID();
  readonly #machines: ScriptedWorker[] = [];

  private constructor(stack: PoolStack) {
    this.stack = stack;
  }

  static async open(vocabularies: Vocabularies): Promise<SplitPool> {
    return new SplitPool(await openPoolStack(vocabularies));
  }

  get ctx() {
    return this.stack.ctx;
  }

  get groups() {
    return this.ctx.groups;
  }

  /** A machine that serves nothing alone, and joins. */
  async lend(name: string, { person = this.owner, stake = 0n, keys = newKeys(), ...offer }: Lends = {}) {
    if (person !== null) await bindWorker(this.ctx.db, { worker: keys.key, person, stake });
    const machine = new ScriptedWorker(name, [], keys);
    machine.split = {
      serves: "own",
      build: "b".repeat(64),
      memoryBytes: HALF_BYTES,
      wants: null,
      files: [SPLIT_MODEL.sha256],
      ...offer,
    };
    this.#machines.push(machine);
    await machine.join(this.stack.url);
    return machine;
  }

  /** One that wants the model. */
  head(name: string, lends: Lends = {}) {
    return this.lend(name, { wants: SPLIT_MODEL.id, serves: "pool", ...lends });
  }

  /** Brings the group up that the next look forms of these. */
  async up(head: ScriptedWorker, nodes: readonly ScriptedWorker[], served: Partial<ServedModel> = {}) {
    this.groups.look();
    const parts = [];
    for (const node of nodes) {
      const part = await node.frame("group");
      say(node, part, { kind: "ready", direct: null });
      parts.push(part);
    }
    const part = await head.frame("group");
    say(head, part, { kind: "up", served: servedBy(part, served) });
    while (!this.ctx.registry.serves(SPLIT_MODEL.id)) await new Promise((resolve) => setTimeout(resolve, 5));
    return { part, parts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#machines) machine.kill();
    await this.stack[Symbol.asyncDispose]();
  }
}

/** What a head of this part may serve. */
export function servedBy({ contextTokens, slots, kvType }: GroupFrame, over: Partial<ServedModel> = {}): ServedModel {
  return plumbingModel({ contextTokens, slots, kvType, ...over });
}

export function say(machine: ScriptedWorker, { group }: Pick<GroupFrame, "group">, stage: Stage): void {
  machine.send({ type: "group", group, stage });
}
