/** Machines of one person that serve a model together in a staged stack. They are scripted; who forms the group and shows it is the real pool. */
import { randomUUID } from "node:crypto";
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { GroupFrame, SplitOffer } from "@starai/protocol/split";
import type { ServedModel } from "@starai/protocol/worker-frames";
import { bindWorker } from "@starai/server/testing/bind-worker";
import { ScriptedWorker } from "@starai/server/testing/scripted-worker";
import type { StagedStack } from "../src/staged-stack.ts";

/** Its name, and what of its memory it lends. */
export interface Lender {
  name: string;
  memoryBytes: number;
}

/** Four machines hold a model of 14 billion parameters, and no three of them. */
export const FOUR_LENDERS: readonly Lender[] = [
  { name: "Basement rack", memoryBytes: 5e9 },
  { name: "brave-otter", memoryBytes: 3e9 },
  { name: "Old laptop", memoryBytes: 2.5e9 },
  { name: "The machine in the hall that hums, under the stairs, 32 GB", memoryBytes: 1.2e9 },
];
export const FOUR_HOLD = "qwen2.5-14b-instruct";

export class LentGroup implements AsyncDisposable {
  readonly #stack: StagedStack;
  readonly #head: ScriptedWorker;
  readonly #nodes: readonly ScriptedWorker[];
  readonly #parts: readonly GroupFrame[];

  private constructor(stack: StagedStack, machines: readonly ScriptedWorker[], parts: readonly GroupFrame[]) {
    this.#stack = stack;
    this.#head = machines[0]!;
    this.#nodes = machines.slice(1);
    this.#parts = parts;
  }

  /** The nodes have their parts and begin. The first of the lenders is the head. */
  static async form(stack: StagedStack, model: string, lenders: readonly Lender[]): Promise<LentGroup> {
    const person = randomUUID();
    const file = loadCatalogue().get(model)!.sha256;
    const machines = lenders.map(({ name }) => new ScriptedWorker(name, []));
    // The head comes last: what wants the model is then all there is.
    for (const at of [...lenders.keys()].toReversed()) {
      const machine = machines[at]!;
      await bindWorker(stack.ctx.db, { worker: machine.keys.key, person, stake: 0n });
      machine.split = offer({ memoryBytes: lenders[at]!.memoryBytes, wants: at === 0 ? model : null, files: [file] });
      await machine.join(stack.url.replace(/\/$/, ""));
    }
    const parts = await Promise.all(machines.slice(1).map((node) => node.frame("group")));
    return new LentGroup(stack, machines, parts);
  }

  /** Every node but the last is ready; the last has done this share. */
  waitForLast(done: number): void {
    const last = this.#nodes.length - 1;
    for (const place of this.#nodes.keys())
      this.#say(place, place === last ? { kind: "preparing", done, words: "" } : { kind: "ready", direct: null });
  }

  /** All are ready, and the head serves. What a node has said before, the pool drops. */
  async up(): Promise<void> {
    for (const place of this.#nodes.keys()) this.#say(place, { kind: "ready", direct: null });
    const part = await this.#head.frame("group");
    this.#head.send({ type: "group", group: part.group, stage: { kind: "up", served: servedBy(part) } });
    const { registry } = this.#stack.ctx;
    while (!registry.serves(part.model)) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** What the pool would have measured of its answers. */
  measured(decodeTokensPerS: number): void {
    const { registry } = this.#stack.ctx;
    const tenSeconds = { tokens: decodeTokensPerS * 10, ms: 10_000 };
    registry.get(this.#head.keys.key)!.record.pace(this.#parts[0]!.model).learn(tenSeconds, tenSeconds, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of [this.#head, ...this.#nodes]) await machine.leave();
  }

  #say(place: number, stage: Parameters<typeof stageOf>[1]): void {
    this.#nodes[place]!.send(stageOf(this.#parts[place]!, stage));
  }
}

type StageFrame = Extract<Parameters<ScriptedWorker["send"]>[0], { type: "group" }>;

function stageOf({ group }: GroupFrame, stage: StageFrame["stage"]): StageFrame {
  return { type: "group", group, stage };
}

function offer(lent: Pick<SplitOffer, "memoryBytes" | "wants" | "files">): SplitOffer {
  return { serves: "own", build: "b".repeat(64), ...lent };
}

function servedBy({ model, sha256, contextTokens, slots, kvType }: GroupFrame): ServedModel {
  const facts = { engine: "played", constraint: "gbnf", tokenIds: false } as const;
  return { id: model, sha256, contextTokens, slots, kvType, ...facts, prefillTokensPerS: 40, decodeTokensPerS: 6 };
}
