/**
 * This machine's part of a group: at most one at a time. The pool gives it with a `group` frame; it lasts until the pool
 * takes it back, the connection to the pool ends, or it cannot go on. However it ends, nothing of it runs on, and the
 * reason is in the log and on the owner's terminal.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { GroupFrame, SplitOffer } from "@starai/protocol/split";
import type { PoolFrame, WorkerFrame } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import type { WorkerConfig } from "../config.ts";
import { plain } from "../earnings/words.ts";
import type { Engine } from "../engines/engine.ts";
import type { Identity } from "../identity.ts";
import { describeMachine } from "../machine.ts";
import { ensureModel } from "../models/ensure-model.ts";
import { partWords, timeLeftWords } from "./group-words.ts";
import type { GroupNews, GroupStage } from "./group-words.ts";
import { runHead } from "./head.ts";
import { runNode } from "./node.ts";
import { offerOf } from "./offer.ts";
import type { Lending } from "./offer.ts";
import { endOf } from "./part.ts";
import type { PartContext, PartEnd, Stage } from "./part.ts";

export type GroupPoolFrame = Extract<PoolFrame, { type: "group" | "ungroup" | "dial" }>;

const REASON_CHARS_MAX = 500;
/** The pool is told this often at most how far the preparations are. */
const PREPARING_EVERY_MS = 1_000;

export interface GroupMemberOptions {
  lending: Lending;
  config: WorkerConfig;
  identity: Identity;
  log: Logger;
  send: (frame: Extract<WorkerFrame, { type: "group" }>) => void;
  onNews: (news: GroupNews) => void;
  /** A head's engine takes leases from now on. */
  onServing: (engine: Engine) => void;
  /** It takes none any more. */
  onServed: (engine: Engine) => void;
}

interface RunningPart {
  frame: GroupFrame;
  stopping: AbortController;
  dial: ((connection: string) => void) | null;
  ended: Promise<void>;
}

export class GroupMember {
  readonly #options: GroupMemberOptions;
  #part: RunningPart | null = null;
  #toldAt = -Infinity;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
  }

  /** The model that its owner wants served. */
  get wants(): string {
    return this.#options.lending.wants.id;
  }

  async offer(): Promise<SplitOffer> {
    return await offerOf(this.#options.lending, this.#options.config);
  }

  frame(frame: GroupPoolFrame): void {
    switch (frame.type) {
      case "group":
        return this.#begin(frame);
      case "ungroup":
        return this.#partOf(frame.group)?.stopping.abort(new Error(plain(frame.reason, REASON_CHARS_MAX)));
      case "dial":
        return this.#partOf(frame.group)?.dial?.(frame.connection);
      default:
        frame satisfies never;
    }
  }

  /** Ends its part, where it has one, and resolves when nothing of it runs. */
  async end(reason: string): Promise<void> {
    this.#part?.stopping.abort(new Error(reason));
    await this.#part?.ended;
  }

  #partOf(group: string): RunningPart | null {
    return this.#part?.frame.group === group ? this.#part : null;
  }

  #begin(frame: GroupFrame): void {
    const before = this.#part;
    if (before !== null && !before.stopping.signal.aborted) {
      const reason = "this machine has a part of another group";
      return this.#tell(frame, { kind: "ended", reason, lost: [] });
    }
    const stopping = new AbortController();
    const part: RunningPart = { frame, stopping, dial: null, ended: Promise.resolve() };
    this.#part = part;
    this.#toldAt = -Infinity;
    // What the pool took back may take a moment to end.
    part.ended = (before?.ended ?? Promise.resolve()).then(async () => await this.#run(part));
  }

  async #run(part: RunningPart): Promise<void> {
    const { frame, stopping } = part;
    const { log } = this.#options;
    log.info({ group: frame.group, part: partWords(frame) }, "part of a group");
    const end = await this.#hold(part).catch(endOf);
    if (this.#part === part) this.#part = null;
    const reason = end.reason.slice(0, REASON_CHARS_MAX);
    log.warn({ group: frame.group, reason, lost: end.lost }, "the part of a group has ended");
    this.#say(frame, { kind: "ended", reason });
    if (!stopping.signal.aborted) this.#tell(frame, { kind: "ended", reason, lost: end.lost });
  }

  async #hold(part: RunningPart): Promise<PartEnd> {
    const { frame } = part;
    part.stopping.signal.throwIfAborted();
    const model = this.#modelOf(frame);
    const file = await this.#fetch(part, model);
    const machine = await describeMachine();
    const { lending, config, identity, log } = this.#options;
    const common = {
      frame,
      model,
      file,
      build: lending.build,
      memoryBytes: lending.memory.left(machine, machine.freeBytes).main,
      // As for a model alone: one core stays free for the rest.
      threads: config.threads ?? Math.max(1, machine.cores - 1),
      config,
      identity,
      log,
      signal: part.stopping.signal,
      tell: (stage: Stage) => this.#stage(frame, stage),
    };
    part.stopping.signal.throwIfAborted();
    if (frame.part.kind === "node") return await this.#holdLayers(part, { ...common, part: frame.part });
    return await this.#lead({ ...common, part: frame.part });
  }

  async #holdLayers(part: RunningPart, context: PartContext<"node">): Promise<PartEnd> {
    let isReached = false;
    return await runNode(context, {
      onDial: (handler) => (part.dial = handler),
      onReached: () => {
        if (!isReached) this.#say(context.frame, { kind: "up" });
        isReached = true;
      },
    });
  }

  async #lead(context: PartContext<"head">): Promise<PartEnd> {
    const { onServing, onServed } = this.#options;
    let serving: Engine | null = null;
    const end = await runHead(context, (engine) => {
      serving = engine;
      onServing(engine);
    });
    if (serving) onServed(serving);
    // The failures of its leases are sent before the end of the group.
    await nextTurn();
    return end;
  }

  /** @throws Error where this worker does not know the very file */
  #modelOf({ model: id, sha256 }: GroupFrame): CatalogueModel {
    const model = loadCatalogue().get(id);
    if (model?.sha256 === sha256) return model;
    throw new Error(
      `this worker's catalogue has no ${plain(id)} of that sha256: update the pool and it to one version`,
    );
  }

  /** The path of the verified file, fetched where it is not here. */
  async #fetch({ frame, stopping }: RunningPart, model: CatalogueModel): Promise<string> {
    const { config, log } = this.#options;
    const beganAt = performance.now();
    let firstBytes: number | null = null;
    this.#stage(frame, { kind: "preparing", done: 0, words: `looking for the file of ${model.id}` });
    return await ensureModel(model, config.modelsFolder, {
      signal: stopping.signal,
      logger: log,
      environment: config.childEnvironment,
      onProgress: ({ doneBytes, totalBytes, source }) => {
        firstBytes ??= doneBytes;
        const doneShare = (doneBytes - firstBytes) / Math.max(1, totalBytes - firstBytes);
        const left = timeLeftWords({ doneShare, forMs: performance.now() - beganAt });
        const words = `fetching ${model.id} from ${source}${left === null ? "" : `, ${left}`}`;
        this.#stage(frame, { kind: "preparing", done: Math.min(1, doneBytes / totalBytes), words });
      },
    });
  }

  /** Tells the pool and the owner. */
  #stage(frame: GroupFrame, stage: Stage): void {
    if (stage.kind === "preparing") {
      const { done, words } = stage;
      this.#say(frame, { kind: "preparing", done, words });
      if (performance.now() - this.#toldAt < PREPARING_EVERY_MS) return;
      this.#toldAt = performance.now();
    }
    if (stage.kind === "ready") this.#say(frame, { kind: "waiting" });
    if (stage.kind === "up") this.#say(frame, { kind: "up" });
    this.#tell(frame, stage);
  }

  #tell({ group }: GroupFrame, stage: Stage): void {
    this.#options.send({ type: "group", group, stage });
  }

  #say(frame: GroupFrame, stage: GroupStage): void {
    this.#options.onNews({ part: partWords(frame), stage });
  }
}
