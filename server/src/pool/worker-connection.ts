/**
 * One worker's socket, from its first byte to its last.
 *
 * It stands in one of four phases: `hello` (nothing known yet), `proof` (a challenge was sent), `ready` (the key is
 * proven, the models are not told), `live` (in the registry). Any frame that does not belong to the phase, or does
 * not parse, ends the connection with a reason; nothing a worker sends can throw past this file.
 */
import { randomBytes } from "node:crypto";
import type { WebSocket } from "ws";
import { CLOSE, HEARTBEAT_MS, HELLO_TIMEOUT_MS, PROTOCOL, WorkerFrame } from "@starai/protocol/worker-frames";
import type { PoolFrame } from "@starai/protocol/worker-frames";
import type { AppContext } from "../context.ts";
import { FrameBudget } from "./frame-budget.ts";
import { isProven } from "./prove-worker.ts";
import { registerWorker } from "./register-worker.ts";
import type { WorkerLine, WorkerSession } from "./worker-session.ts";

const CHALLENGE_MS = 30_000;
/** Unsent bytes after which a worker that does not read is dropped: four of the largest leases. */
const UNSENT_BYTES_MAX = 8 * 1024 * 1024;
/** A close reason holds 123 bytes. */
const REASON_BYTES_MAX = 123;
const CLOSE_ANSWER_MS = 1_000;

type Phase =
  | { kind: "hello" }
  | { kind: "proof"; key: string; nonce: string; expiresAt: number }
  | { kind: "ready"; key: string }
  | { kind: "live"; session: WorkerSession; budget: FrameBudget }
  | { kind: "closed" };

export interface ConnectionParts {
  readonly ctx: AppContext;
  readonly socket: WebSocket;
  readonly serverId: string;
  readonly address: string;
  /** Called once: from then on the connection does not count as unproven. */
  readonly onProvenOrGone: () => void;
}

export class WorkerConnection implements WorkerLine {
  readonly #parts: ConnectionParts;
  #helloTimer: NodeJS.Timeout | undefined;
  #phase: Phase = { kind: "hello" };
  #counted = true;
  /** The code this side closed with, if it did. */
  #closedWith: number | null = null;
  /** Handshake frames are handled one after the other, also where a step waits for the database. */
  #handshake: Promise<void> = Promise.resolve();

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Begins to listen; the connection then looks after itself until it is closed. */
  open(): void {
    const { socket, ctx, address } = this.#parts;
    const inTime = () => this.close(CLOSE.unauthorised, "no hello and proof in time");
    this.#helloTimer = setTimeout(inTime, HELLO_TIMEOUT_MS);
    socket.on("message", (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    socket.on("pong", () => this.#heard());
    // ws closes by itself after an error (an oversize or broken frame); the reason is only for our log.
    socket.on("error", (fault) => ctx.log.info({ address, fault: fault.message }, "a worker's socket failed"));
    socket.on("close", (code, reason) => this.#onClose(code, String(reason)));
  }

  send(frame: PoolFrame): boolean {
    const { socket, ctx } = this.#parts;
    if (socket.readyState !== socket.OPEN) return false;
    if (socket.bufferedAmount > UNSENT_BYTES_MAX) {
      ctx.log.warn(
        { address: this.#parts.address },
        "a worker does not read what it is sent; its connection is dropped",
      );
      socket.terminate();
      return false;
    }
    socket.send(JSON.stringify(frame));
    return true;
  }

  close(code: number, reason: string): void {
    const { socket, ctx, address } = this.#parts;
    if (socket.readyState !== socket.OPEN) return;
    ctx.log.info({ address, code, reason }, "closing a worker's connection");
    this.#closedWith = code;
    socket.close(code, cut(reason));
    // A peer that does not answer the close is not waited for (ws would wait 30 s): its leases must move.
    if (code === CLOSE.silent) socket.terminate();
    else setTimeout(() => socket.terminate(), CLOSE_ANSWER_MS).unref();
  }

  hold(held: boolean): void {
    if (held) this.#parts.socket.pause();
    else this.#parts.socket.resume();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    try {
      if (this.#phase.kind === "closed" || this.#parts.socket.readyState !== this.#parts.socket.OPEN) return;
      if (isBinary) return this.close(CLOSE.badFrame, "frames are JSON text, not binary");
      const frame = this.#parse(String(data));
      if (!frame) return;
      if (this.#phase.kind === "live") this.#onLiveFrame(this.#phase.session, this.#phase.budget, frame);
      else
        this.#handshake = this.#handshake
          .then(() => this.#onHandshakeFrame(frame))
          .catch((fault) => this.#failed(fault));
    } catch (fault) {
      this.#failed(fault);
    }
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
    if (phase.kind === "live") return this.#onLiveFrame(phase.session, phase.budget, frame);
    if (phase.kind !== "closed")
      this.close(CLOSE.badFrame, `a ${frame.type} frame does not belong here; a ${phase.kind} was expected`);
  }

  #challenge(key: string): void {
    const nonce = randomBytes(32).toString("hex");
    const { ctx } = this.#parts;
    this.#phase = { kind: "proof", key, nonce, expiresAt: ctx.monotonic() + CHALLENGE_MS };
    const expires = new Date(ctx.clock() + CHALLENGE_MS).toISOString();
    this.send({ type: "challenge", nonce, serverId: this.#parts.serverId, expiresAt: expires });
  }

  #checkProof(phase: { key: string; nonce: string; expiresAt: number }, signature: string): void {
    const late = this.#parts.ctx.monotonic() > phase.expiresAt;
    if (late || !isProven({ serverId: this.#parts.serverId, nonce: phase.nonce, key: phase.key, signature })) {
      return this.close(CLOSE.unauthorised, late ? "the proof came too late" : "the signature does not match the key");
    }
    clearTimeout(this.#helloTimer);
    this.#stopCounting();
    this.#phase = { kind: "ready", key: phase.key };
  }

  async #welcome(key: string, frame: WorkerFrame & { type: "ready" }): Promise<void> {
    const { ctx, socket } = this.#parts;
    const registered = await registerWorker(ctx, this, key, frame);
    if (registered.kind === "banned") return this.close(CLOSE.banned, "this worker key is banned from the pool");
    if (socket.readyState !== socket.OPEN) return;
    const { session, ignored } = registered;
    const slots = session.facts.models.reduce((sum, model) => sum + model.slots, 0);
    this.#phase = { kind: "live", session, budget: new FrameBudget(slots, ctx.monotonic()) };
    const replaced = ctx.registry.join(session);
    if (replaced) ctx.desk.workerLeft(replaced, { mayReturn: true, why: "replaced" });
    const resume = ctx.desk.workerJoined(session, frame.holding);
    this.send({ type: "welcome", heartbeatMs: HEARTBEAT_MS, resume });
    for (const reason of ignored) this.send({ type: "dropped", job: null, fence: null, reason });
    ctx.registry.warm(session);
  }

  #onLiveFrame(session: WorkerSession, budget: FrameBudget, frame: WorkerFrame): void {
    if (!budget.spend(this.#parts.ctx.monotonic()))
      return this.close(CLOSE.badFrame, "too many frames: coalesce tokens");
    this.#heard();
    switch (frame.type) {
      case "heartbeat":
        return;
      case "progress":
      case "tokens":
      case "done":
      case "fail":
        return this.#parts.ctx.desk.accept(session, frame);
      case "hello":
      case "proof":
      case "ready":
        return this.close(CLOSE.badFrame, `a second ${frame.type} frame in one session`);
    }
  }

  #heard(): void {
    if (this.#phase.kind === "live") this.#phase.session.lastHeardAt = this.#parts.ctx.monotonic();
  }

  #onClose(code: number, reason: string): void {
    const phase = this.#phase;
    this.#phase = { kind: "closed" };
    clearTimeout(this.#helloTimer);
    this.#stopCounting();
    if (phase.kind !== "live") return;
    const { ctx } = this.#parts;
    ctx.log.info({ worker: phase.session.facts.name, code, reason }, "a worker left");
    ctx.registry.leave(phase.session);
    // 1000 and 1001 are a worker that says goodbye. Otherwise the wire broke, and the worker may be back at once.
    const wireBroke = this.#closedWith === null && code !== 1000 && code !== 1001;
    ctx.desk.workerLeft(phase.session, { mayReturn: wireBroke, why: "connection_closed" });
  }

  #stopCounting(): void {
    if (!this.#counted) return;
    this.#counted = false;
    this.#parts.onProvenOrGone();
  }

  #failed(fault: unknown): void {
    this.#parts.ctx.log.error({ err: fault }, "a worker's frame could not be handled; its connection is closed");
    this.close(1011, "the server could not handle a frame; come back in a moment");
  }
}

function isOtherMajor(raw: unknown): boolean {
  const hello = raw as { type?: unknown; protocol?: { major?: unknown } } | null;
  return (
    hello?.type === "hello" && typeof hello.protocol?.major === "number" && hello.protocol.major !== PROTOCOL.major
  );
}

/** The longest beginning of a reason that fits into a close frame. */
function cut(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > REASON_BYTES_MAX) text = text.slice(0, -1);
  return text;
}
