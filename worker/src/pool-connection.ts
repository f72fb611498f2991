/**
 * One connection to the pool, from dialling to its close.
 *
 * `dialling` → (open) hello → `greeting` → (challenge) proof, ready → `proving` → (welcome) → `open` → `closed`.
 * In `open`, heartbeats go out and leases come in. A frame that does not parse or comes out of order closes the
 * connection with 1002.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import { guarded } from "@starai/protocol/guarded";
import {
  CLOSE,
  closeReason,
  HELLO_TIMEOUT_MS,
  POOL_FRAME_BYTES_MAX,
  PoolFrame,
  PROTOCOL,
} from "@starai/protocol/worker-frames";
import type { Device, ServedModel, WorkerFrame } from "@starai/protocol/worker-frames";
import type { SplitOffer } from "@starai/protocol/split";
import type { Turn } from "@starai/protocol/template";
import type { Logger } from "pino";
import { WebSocket } from "ws";
import { plain } from "./earnings/words.ts";
import type { Identity } from "./identity.ts";
import type { LeaseBook } from "./lease-book.ts";
import type { GroupPoolFrame } from "./split/group-member.ts";
import type { FrameLink } from "./lease-runner.ts";

/** Unsent bytes above which engines are paused. */
const UNSENT_PAUSE_BYTES = 1024 * 1024;
const UNSENT_WAIT_MS = 20;
/** How long sending may make no progress before the connection counts as dead, whatever TCP reports. */
const UNSENT_DEAD_MS = 10_000;
const PING_MS = 5_000;
/** Two and a half ping intervals without any frame from the pool: the connection is half open. */
const SILENT_DEAD_MS = 12_500;
const HEARTBEAT_JITTER = 0.2;
/** Of what a pool says of itself on its owner's terminal. */
const REASON_CHARS_MAX = 200;

export type EarningFrame = Extract<PoolFrame, { type: "pairing" | "standing" | "credits" | "dropped" }>;

export const NOT_CONNECTED = "the pool is not connected now: try again in a moment";

export const POOL_TOO_OLD =
  "this pool is of an older version, which does not pair machines yet: ask its operator for a newer one, and pair then";

export interface PoolConnectionOptions {
  poolUrl: string;
  identity: Identity;
  name: string;
  version: string;
  /** Its price, in percent of the list's. */
  askPercent: number;
  devices: readonly Device[];
  models: readonly ServedModel[];
  leases: LeaseBook;
  freeMemoryBytes: () => number;
  /** Of the hottest part that can be read; null: none can. */
  temperatureC: () => number | null;
  /** The last credit note that is kept of each asset; null for a pool of version 1.0, which refuses what it does not know. */
  notes: { coin: number; stars: number } | null;
  /** What it offers to groups; null: nothing, or the pool is of a version that knows of none. */
  split: SplitOffer | null;
  /** By which it becomes its owner's. */
  ownerCode: string | null;
  onGroup: (frame: GroupPoolFrame) => void;
  warm: (model: string, turns: readonly Turn[]) => void;
  onWelcome: () => void;
  /** What concerns its owner's pay. */
  onEarning: (frame: EarningFrame) => void;
  logger: Logger;
}

export interface ConnectionEnd {
  code: number;
  reason: string;
  /** How long the worker was welcomed in the pool, ms; 0 if it never was. */
  welcomedMs: number;
  /** The pool refused a frame before the welcome: it may be of a version that does not know all that was in it. */
  isTooNew: boolean;
}

export class PoolConnection {
  /** Settles when the connection is gone; never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #options: PoolConnectionOptions;
  readonly #log: Logger;
  readonly #socket: WebSocket;
  readonly #link: FrameLink;
  readonly #timers: NodeJS.Timeout[] = [];
  #state: "dialling" | "greeting" | "proving" | "open" | "closed" = "dialling";
  #heardAt = performance.now();
  #welcomedAt: number | null = null;
  #fault = "";

  constructor(options: PoolConnectionOptions) {
    this.#options = options;
    this.#log = options.logger;
    this.#socket = new WebSocket(options.poolUrl, {
      maxPayload: POOL_FRAME_BYTES_MAX,
      perMessageDeflate: false,
      handshakeTimeout: HELLO_TIMEOUT_MS,
    });
    this.#link = {
      takesCommitments: options.notes !== null,
      send: (frame) => this.#sendText(frame),
      drained: () => this.#drained(),
    };
    const refuse = () => this.#refuse("what this worker could not handle");
    const onOpen = () => this.#open();
    const onMessage = (data: Buffer, isBinary: boolean) => this.#message(data.toString("utf8"), isBinary);
    this.#socket.on("open", guarded(this.#log, "the pool's connection", onOpen, refuse));
    this.#socket.on("message", guarded(this.#log, "a frame of the pool", onMessage, refuse));
    this.#socket.on("pong", () => (this.#heardAt = performance.now()));
    this.#socket.on("error", (error) => (this.#fault = error.message));
    this.ended = new Promise((resolve) => {
      this.#socket.once("close", (code, reason) => resolve(this.#close(code, reason.toString())));
    });
  }

  /** Closes with a handshake; terminates the connection if the pool does not answer within a second. */
  close(): void {
    this.#leave(1000, "the worker is stopping");
  }

  /** The same where nobody wanted it: the pool tells the owner of a machine that stays away so. */
  giveUp(): void {
    this.#leave(1001, "no engine of the worker serves its model now");
  }

  /** Closes to rejoin with other models; the pool keeps this worker's leases for it. */
  rejoin(): void {
    this.#leave(CLOSE.rejoin, "the models it serves have changed");
  }

  /** What the owner asks of the pool. Returns why it cannot be asked; null: it was. */
  send(frame: { type: "pair" } | { type: "unpair" }): string | null {
    if (this.#state !== "open") return NOT_CONNECTED;
    if (this.#options.notes === null) return POOL_TOO_OLD;
    this.#send(frame);
    return null;
  }

  /** How its part of a group stands. */
  sendGroup(frame: Extract<WorkerFrame, { type: "group" }>): void {
    if (this.#state === "open") this.#send(frame);
  }

  #leave(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), 1_000).unref();
  }

  #open(): void {
    this.#state = "greeting";
    this.#heardAt = performance.now();
    this.#send({ type: "hello", protocol: { ...PROTOCOL }, key: this.#options.identity.key });
    this.#timers.push(setInterval(() => this.#ping(), PING_MS));
    this.#timers.push(setTimeout(() => this.#checkWelcomed(), HELLO_TIMEOUT_MS * 2));
  }

  #message(text: string, isBinary: boolean): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#heardAt = performance.now();
    const frame = isBinary ? null : parse(text);
    if (!frame?.success) return this.#refuse(frame ? describe(frame.error) : "a binary frame");
    this.#frame(frame.data);
  }

  #frame(frame: PoolFrame): void {
    if (frame.type === "challenge" && this.#state === "greeting") return this.#answerChallenge(frame);
    if (frame.type === "welcome" && this.#state === "proving") return this.#welcome(frame);
    if (frame.type === "dropped") {
      const { reason, job, fence } = frame;
      this.#log.warn({ reason, job, fence }, "the pool dropped a frame");
      if (job === null) this.#options.onEarning(frame);
      return;
    }
    if (frame.type === "drain") return this.#drain(frame.reason);
    if (this.#state !== "open") return this.#refuse(`${frame.type} while ${this.#state}`);
    this.#work(frame);
  }

  #work(frame: PoolFrame): void {
    const { leases } = this.#options;
    switch (frame.type) {
      case "lease":
        return leases.start(frame, this.#link);
      case "cancel":
        return leases.cancel(frame);
      case "stored":
        return leases.stored(frame);
      case "warm":
        return this.#options.warm(frame.model, frame.turns);
      case "pairing":
      case "standing":
      case "credits":
        return this.#options.onEarning(frame);
      case "challenge":
      case "welcome":
      case "dropped":
      case "drain":
        return this.#refuse(`${frame.type} in an open connection`);
      case "group":
      case "ungroup":
      case "dial":
        if (this.#options.split !== null) return this.#options.onGroup(frame);
        return this.#refuse(`${frame.type} to a worker that offers nothing to groups`);
      default:
        frame satisfies never;
    }
  }

  #answerChallenge({ serverId, nonce }: Extract<PoolFrame, { type: "challenge" }>): void {
    const { identity, name, version, askPercent, devices, models, leases, notes, split, ownerCode } = this.#options;
    this.#state = "proving";
    this.#send({ type: "proof", signature: identity.prove({ serverId, nonce }) });
    this.#send({
      type: "ready",
      name,
      version,
      devices: [...devices],
      models: [...models],
      holding: leases.holding(),
      ...(notes === null ? {} : { notes: { ...notes } }),
      ...(split === null ? {} : { split }),
      ...(ownerCode === null ? {} : { ownerCode }),
      // A pool that knows no asks refuses a field it does not know.
      ...(askPercent === ASK_PERCENT.usual ? {} : { askPercent }),
    });
  }

  #welcome({ heartbeatMs, resume }: Extract<PoolFrame, { type: "welcome" }>): void {
    this.#state = "open";
    this.#welcomedAt = performance.now();
    this.#options.leases.resume(resume, this.#link);
    this.#heartbeat(heartbeatMs);
    this.#options.onWelcome();
  }

  #heartbeat(everyMs: number): void {
    if (this.#state !== "open") return;
    const { leases, freeMemoryBytes, notes } = this.#options;
    const temperatureC = notes === null ? null : this.#options.temperatureC();
    this.#send({
      type: "heartbeat",
      running: leases.running,
      freeMemoryBytes: freeMemoryBytes(),
      ...(temperatureC === null ? {} : { temperatureC }),
    });
    // Jitter spreads the beats of many workers that were welcomed in the same moment.
    const inMs = everyMs * (1 - HEARTBEAT_JITTER + 2 * HEARTBEAT_JITTER * Math.random());
    this.#timers[2] = setTimeout(() => this.#heartbeat(everyMs), inMs);
  }

  #drain(reason: string): void {
    this.#log.info({ reason }, "the pool is draining");
    this.#options.leases.cancelAll();
    this.#socket.close(1000, "drained");
  }

  #ping(): void {
    if (performance.now() - this.#heardAt > SILENT_DEAD_MS) {
      this.#fault = "the pool went silent";
      return this.#socket.terminate();
    }
    this.#socket.ping();
  }

  #checkWelcomed(): void {
    if (this.#state === "open") return;
    this.#fault = "the pool did not welcome this worker in time";
    this.#socket.terminate();
  }

  #refuse(what: string): void {
    this.#fault = `the pool sent ${what}`;
    this.#socket.close(CLOSE.badFrame, closeReason(this.#fault));
  }

  #send(frame: WorkerFrame): void {
    this.#sendText(JSON.stringify(frame));
  }

  #sendText(frame: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  async #drained(): Promise<void> {
    const since = performance.now();
    while (this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount > UNSENT_PAUSE_BYTES) {
      if (performance.now() - since > UNSENT_DEAD_MS) return this.#socket.terminate();
      await sleep(UNSENT_WAIT_MS);
    }
  }

  #isTooNew(code: number): boolean {
    return code === CLOSE.badFrame && this.#fault === "" && this.#welcomedAt === null && this.#saysNews();
  }

  /** Whether its `ready` holds what a pool of version 1.0 does not know. */
  #saysNews(): boolean {
    const { notes, split, ownerCode } = this.#options;
    return notes !== null || split !== null || ownerCode !== null;
  }

  #close(code: number, reason: string): ConnectionEnd {
    this.#state = "closed";
    for (const timer of this.#timers) clearTimeout(timer);
    this.#options.leases.detach();
    const welcomedMs = this.#welcomedAt === null ? 0 : performance.now() - this.#welcomedAt;
    return { code, reason: plain(reason || this.#fault, REASON_CHARS_MAX), welcomedMs, isTooNew: this.#isTooNew(code) };
  }
}

function parse(text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return PoolFrame.safeParse(json);
}

function describe(error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  return issue ? `a frame that does not parse (${issue.path.map(String).join(".")}: ${issue.message})` : "a bad frame";
}
