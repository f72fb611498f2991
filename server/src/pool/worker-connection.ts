/**
 * One worker's socket, from its first byte to its last.
 *
 * It is in one of four phases: `hello` (nothing known yet), `proof` (a challenge was sent), `ready` (the key is proven,
 * the models are not known yet), `live` (in the registry). Any frame that does not belong to the phase, or does
 * not parse, ends the connection with a reason; nothing a worker sends can throw past this file.
 */
import { randomBytes } from "node:crypto";
import type { WebSocket } from "ws";
import { guarded } from "@starai/protocol/guarded";
import {
  CLOSE,
  closeReason,
  HEARTBEAT_MS,
  HELLO_TIMEOUT_MS,
  PROTOCOL,
  WorkerFrame,
} from "@starai/protocol/worker-frames";
import type { PoolFrame } from "@starai/protocol/worker-frames";
import type { PoolContext } from "./context.ts";
import { answerPairing } from "./answer-pairing.ts";
import type { Door, Guest } from "./door.ts";
import { FrameBudget } from "./frame-budget.ts";
import type { LeaseEvents } from "./lease-events.ts";
import type { Origin } from "./origin-of.ts";
import type { PairingShares } from "./pairing-shares.ts";
import { noteGoodbye } from "./note-goodbye.ts";
import { isProven } from "./prove-worker.ts";
import { registerWorker } from "./register-worker.ts";
import { tellStanding } from "./send-standings.ts";
import { bannedWords } from "./watch-standing.ts";
import { whomToEvict } from "./whom-to-evict.ts";
import type { FrameSender, ConnectedWorker } from "./connected-worker.ts";

/** Unsent bytes after which a worker that does not read is dropped: four of the largest leases. */
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;
const CLOSE_ANSWER_MS = 1_000;
/** Frames accepted before the welcome: the handshake has three, and an honest worker sends no others by then. */
const HANDSHAKE_FRAMES_MAX = 8;

/** Codes with which a worker leaves by its owner's wish, or to offer something else. */
const MEANT: ReadonlySet<number> = new Set([1000, 1001, CLOSE.rejoin]);

type Phase =
  | { kind: "hello" }
  | { kind: "proof"; key: string; nonce: string }
  | { kind: "ready"; key: string }
  | { kind: "live"; connected: ConnectedWorker; budget: FrameBudget }
  | { kind: "closed" };

export interface ConnectionParts {
  readonly ctx: PoolContext;
  readonly leases: LeaseEvents;
  readonly socket: WebSocket;
  readonly serverId: string;
  readonly origin: Origin;
  readonly door: Door;
  readonly shares: PairingShares;
}

export class WorkerConnection implements FrameSender, Guest {
  readonly origin: Origin;
  readonly #parts: ConnectionParts;
  #welcomeTimer: NodeJS.Timeout | undefined;
  #phase: Phase = { kind: "hello" };
  /** The code this side closed with, if it did. */
  #closedWith: number | null = null;
  /** Handshake frames are handled one after the other, also where a step waits for the database. */
  #handshake: Promise<void> = Promise.resolve();
  #handshakeFrames = 0;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.origin = parts.origin;
  }

  /** Begins to listen; the connection then looks after itself until it is closed. */
  open(): void {
    const { socket, ctx, door, origin } = this.#parts;
    const fail = () => this.close(1011, "the server could not handle a frame; come back in a moment");
    const onMessage = (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary);
    socket.on("message", guarded(ctx.log, "a worker's frame", onMessage, fail));
    socket.on("pong", () => this.#heard());
    // ws closes by itself after an error (an oversize or broken frame); the reason is only for our log.
    const onError = (fault: Error) => ctx.log.info({ ...origin, fault: fault.message }, "a worker's socket failed");
    socket.on("error", onError);
    const onClose = (code: number) => this.#onClose(code);
    socket.on("close", guarded(ctx.log, "a worker's end", onClose));
    this.#welcomeTimer = setTimeout(() => this.#onWelcomeTimeout(), HELLO_TIMEOUT_MS);
    door.enter(this);
  }

  send(frame: PoolFrame): boolean {
    const { socket, ctx } = this.#parts;
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount > UNSENT_BYTES_MAX) {
      ctx.log.warn({ ...this.origin }, "a worker does not read what it is sent; its connection is dropped");
      socket.terminate();
      return false;
    }
    socket.send(JSON.stringify(frame));
    return true;
  }

  close(code: number, reason: string): void {
    const { socket, ctx } = this.#parts;
    if (socket.readyState !== socket.OPEN) return;
    const words = closeReason(reason);
    ctx.log.info({ ...this.origin, code, reason: words }, "closing a worker's connection");
    this.#closedWith = code;
    socket.close(code, words);
    // A peer that does not answer the close is not waited for (ws would wait 30 s): its leases must move.
    if (code === CLOSE.silent) socket.terminate();
    else setTimeout(() => socket.terminate(), CLOSE_ANSWER_MS).unref();
  }

  hold(held: boolean): void {
    if (held) this.#parts.socket.pause();
    else this.#parts.socket.resume();
  }

  #onMessage(data: Buffer, isBinary: boolean): unknown {
    if (this.#phase.kind === "closed" || this.#parts.socket.readyState !== this.#parts.socket.OPEN) return;
    if (isBinary) return this.close(CLOSE.badFrame, "frames are JSON text, not binary");
    const frame = this.#parse(String(data));
    if (!frame) return;
    if (this.#phase.kind === "live") return this.#onLiveFrame(this.#phase.connected, this.#phase.budget, frame);
    if (++this.#handshakeFrames > HANDSHAKE_FRAMES_MAX)
      return this.close(CLOSE.badFrame, "too many frames before the welcome");
    this.#handshake = this.#handshake.then(() => this.#onHandshakeFrame(frame));
    return this.#handshake;
  }

  #parse(text: string): WorkerFrame | null {
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      this.close(CLOSE.badFrame, "a frame is not JSON");
      return null;
    }
    if (this.#phase.kind === "hello" && isOtherMajor(raw)) {
      this.close(
        CLOSE.upgradeNeeded,
        `this pool speaks protocol ${PROTOCOL.major}.${PROTOCOL.minor}; update the worker`,
      );
      return null;
    }
    const parsed = WorkerFrame.safeParse(raw);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    this.close(CLOSE.badFrame, `bad frame: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
    return null;
  }

  async #onHandshakeFrame(frame: WorkerFrame): Promise<void> {
    const phase = this.#phase;
    if (phase.kind === "hello" && frame.type === "hello") return this.#challenge(frame.key);
    if (phase.kind === "proof" && frame.type === "proof") return this.#checkProof(phase, frame.signature);
    if (phase.kind === "ready" && frame.type === "ready") return this.#welcome(phase.key, frame);
    if (phase.kind === "live") return this.#onLiveFrame(phase.connected, phase.budget, frame);
    if (phase.kind !== "closed")
      this.close(CLOSE.badFrame, `a ${frame.type} frame does not belong here; a ${phase.kind} was expected`);
  }

  #challenge(key: string): void {
    const nonce = randomBytes(32).toString("hex");
    this.#phase = { kind: "proof", key, nonce };
    const expiresAt = new Date(this.#parts.ctx.clock() + HELLO_TIMEOUT_MS).toISOString();
    this.send({ type: "challenge", nonce, serverId: this.#parts.serverId, expiresAt });
  }

  #checkProof({ key, nonce }: { key: string; nonce: string }, signature: string): void {
    const { serverId, door } = this.#parts;
    if (!isProven({ serverId, nonce, key, signature }))
      return this.close(CLOSE.unauthorised, "the signature does not match the key");
    this.#phase = { kind: "ready", key };
    door.proven(this, key);
  }

  async #welcome(key: string, frame: WorkerFrame & { type: "ready" }): Promise<void> {
    const { ctx, leases, socket, door, serverId } = this.#parts;
    const registered = await registerWorker(ctx, this, key, frame);
    if (registered.kind === "banned") return this.close(CLOSE.banned, bannedWords(registered.reason));
    if (socket.readyState !== socket.OPEN) return;
    const { connected, ignored } = registered;
    if (!makeRoom(ctx, connected))
      return this.close(CLOSE.full, "the pool is full of machines that work; come back in a moment");
    clearTimeout(this.#welcomeTimer);
    door.live(this);
    this.#phase = { kind: "live", connected, budget: new FrameBudget(ctx.monotonic()) };
    const replaced = ctx.registry.join(connected);
    if (replaced) {
      ctx.groups.left(replaced, { isMeant: false });
      leases.workerLeft(replaced, { mayReturn: true, why: "replaced" });
    }
    const { name, version, models } = connected.facts;
    ctx.events.workerJoined({ worker: name, version, models: models.map((model) => model.id) });
    const resume = leases.workerJoined(connected, frame.holding);
    this.send({ type: "welcome", heartbeatMs: HEARTBEAT_MS, resume });
    for (const reason of ignored) this.send({ type: "dropped", job: null, fence: null, reason });
    ctx.registry.warm(connected);
    if (frame.notes) ctx.notes.join(connected, { had: frame.notes, server: serverId });
    // Not waited for: the handshake's queue would hold back what the worker sends meanwhile.
    void tellStanding(ctx, connected);
  }

  /** Runs when no welcome was sent in time, even if a step still waits for the database. */
  #onWelcomeTimeout(): void {
    if (this.#phase.kind === "ready")
      this.close(CLOSE.full, "the pool has no time for this now; come back in a moment");
    else this.close(CLOSE.unauthorised, "no hello and proof in time");
  }

  #onLiveFrame(connected: ConnectedWorker, budget: FrameBudget, frame: WorkerFrame): void | Promise<void> {
    const leases = { held: connected.leases, taken: connected.taken };
    if (!budget.spend(this.#parts.ctx.monotonic(), leases))
      return this.close(CLOSE.badFrame, "too many frames for the work it was given: coalesce tokens");
    this.#heard();
    switch (frame.type) {
      case "heartbeat":
        if (frame.temperatureC !== undefined) connected.temperatureC = frame.temperatureC;
        return;
      case "progress":
      case "tokens":
      case "done":
      case "fail":
        return this.#parts.leases.accept(connected, frame);
      case "group":
        return this.#parts.ctx.groups.accept(connected, frame);
      case "pair":
      case "unpair":
        return this.#answerPairing(connected, frame.type);
      case "hello":
      case "proof":
      case "ready":
        return this.close(CLOSE.badFrame, `a second ${frame.type} frame over one connection`);
    }
  }

  #answerPairing(connected: ConnectedWorker, wish: "pair" | "unpair"): Promise<void> {
    const { ctx, origin, shares } = this.#parts;
    return answerPairing(ctx, connected, { wish, origin, shares });
  }

  #heard(): void {
    if (this.#phase.kind === "live") this.#phase.connected.lastHeardAt = this.#parts.ctx.monotonic();
  }

  #onClose(code: number): void {
    const phase = this.#phase;
    this.#phase = { kind: "closed" };
    clearTimeout(this.#welcomeTimer);
    this.#parts.door.gone(this);
    if (phase.kind !== "live") return;
    const { ctx, leases } = this.#parts;
    ctx.events.workerLeft({ worker: phase.connected.facts.name, code });
    ctx.groups.left(phase.connected, { isMeant: this.#closedWith === null && MEANT.has(code) });
    ctx.registry.leave(phase.connected);
    if (this.#closedWith === null && code === 1000) void noteGoodbye(ctx, phase.connected.id);
    ctx.notes.leave(phase.connected);
    // 1000 and 1001 are deliberate. With any other code the connection broke, and the worker may be back at once.
    const wireBroke = this.#closedWith === null && code !== 1000 && code !== 1001;
    leases.workerLeft(phase.connected, { mayReturn: wireBroke, why: "connection_closed" });
  }
}

/** Returns whether there is a place for a worker: a free one, its own earlier one, or that of a worker it evicts. */
function makeRoom(
  { registry, config, monotonic }: Pick<PoolContext, "registry" | "config" | "monotonic">,
  newcomer: ConnectedWorker,
): boolean {
  const staying = registry.connectedWorkers().filter((connected) => !connected.leaving);
  if (staying.length < config.limits.workersMax || registry.get(newcomer.id)) return true;
  const victim = whomToEvict(staying, newcomer, monotonic());
  if (victim) registry.evict(victim.id, CLOSE.full, "the pool is full: a machine takes the place that did no work");
  return victim !== null;
}

function isOtherMajor(raw: unknown): boolean {
  const hello = raw as { type?: unknown; protocol?: { major?: unknown } } | null;
  return (
    hello?.type === "hello" && typeof hello.protocol?.major === "number" && hello.protocol.major !== PROTOCOL.major
  );
}
