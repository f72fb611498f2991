/**
 * A worker for tests: the real wire protocol over a real socket, with the engine's part spoken by the test.
 * The GPU is the world outside; everything on our side of the socket is the real thing.
 */
import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { PROTOCOL, POOL_PATH, PoolFrame, proofTranscript } from "@starai/protocol/worker-frames";
import type { Lease, ServedModel, WorkerFrame } from "@starai/protocol/worker-frames";

export type FrameOf<Type extends PoolFrame["type"]> = Extract<PoolFrame, { type: Type }>;
type Ready = Extract<WorkerFrame, { type: "ready" }>;
type Holding = Ready["holding"];

export class ScriptedWorker {
  readonly name: string;
  readonly models: ServedModel[];
  readonly frames: PoolFrame[] = [];
  readonly keys: { key: string; privateKey: KeyObject };
  /** What it asks, in percent; undefined: it says nothing of it. */
  askPercent: number | undefined;
  /** The last credit notes it has; undefined: it keeps none. */
  notes: Ready["notes"];
  /** What it lends to groups; undefined: nothing. */
  split: Ready["split"];
  /** A code by which it becomes somebody's. */
  ownerCode: Ready["ownerCode"];
  closed: { code: number; reason: string } | null = null;
  #socket: WebSocket | null = null;
  #heartbeat: NodeJS.Timeout | undefined;
  readonly #waiting: (() => void)[] = [];
  readonly #seqs = new Map<string, number>();

  constructor(name: string, models: ServedModel[], keys = newKeys()) {
    this.name = name;
    this.models = models;
    this.keys = keys;
  }

  /** Opens the socket and goes through the whole handshake. */
  async join(url: string, holding: Holding = []): Promise<FrameOf<"welcome">> {
    await this.connect(url);
    this.send({ type: "hello", protocol: PROTOCOL, key: this.keys.key });
    const challenge = await this.frame("challenge");
    this.send({ type: "proof", signature: this.sign(challenge) });
    const { name, models, askPercent, notes, split, ownerCode } = this;
    const said = Object.entries({ askPercent, notes, split, ownerCode }).filter(([, value]) => value !== undefined);
    const more = Object.fromEntries(said) as Partial<Ready>;
    this.send({ type: "ready", name, version: "test", devices: [], models, holding, ...more });
    const welcome = await this.frame("welcome");
    this.#heartbeat = setInterval(() => this.send({ type: "heartbeat", running: 0, freeMemoryBytes: 0 }), 500);
    return welcome;
  }

  /** Opens the socket and sends nothing. Throws when the pool refuses the upgrade. */
  async connect(url: string, headers: Record<string, string> = {}): Promise<void> {
    const socket = new WebSocket(url.replace("http", "ws") + POOL_PATH, { headers });
    this.#socket = socket;
    this.frames.length = 0;
    this.closed = null;
    socket.on("message", (data: Buffer) => {
      this.frames.push(PoolFrame.parse(JSON.parse(String(data))));
      this.#changed();
    });
    socket.on("close", (code, reason) => {
      // An earlier connection's end is not this one's.
      if (this.#socket !== socket) return;
      clearInterval(this.#heartbeat);
      this.closed = { code, reason: String(reason) };
      this.#changed();
    });
    socket.on("error", () => {});
    await once(socket, "open");
  }

  sign({ serverId, nonce }: { serverId: string; nonce: string }): string {
    const transcript = Buffer.from(proofTranscript({ serverId, nonce, key: this.keys.key }));
    return sign(null, transcript, this.keys.privateKey).toString("hex");
  }

  send(frame: WorkerFrame): void {
    this.sendRaw(JSON.stringify(frame));
  }

  sendRaw(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** The next tokens of a lease, numbered as they should be. */
  tokens({ job, fence }: Pick<Lease, "job" | "fence">, tokens: number[] | null, text: string): void {
    this.send({ type: "tokens", job, fence, seq: this.#next(job, fence), tokens, text });
  }

  done(
    { job, fence }: Pick<Lease, "job" | "fence">,
    reason: "stop" | "length" = "stop",
    more: { commitment?: string } = {},
  ): void {
    this.send({ type: "done", job, fence, seq: this.#next(job, fence), reason, ...more });
  }

  /** Takes the first frame of a type that came, of one job or lease if given, waiting for it if it must. */
  async frame<Type extends PoolFrame["type"]>(
    type: Type,
    { job, fence }: { job?: string; fence?: number } = {},
  ): Promise<FrameOf<Type>> {
    const isOf = (one: PoolFrame): boolean =>
      (!job || ("job" in one && one.job === job)) && (!fence || ("fence" in one && one.fence === fence));
    for (;;) {
      const at = this.frames.findIndex((one) => one.type === type && isOf(one));
      if (at >= 0) return this.frames.splice(at, 1)[0] as FrameOf<Type>;
      if (this.closed) throw new Error(`${this.name}: closed ${this.closed.code} ${this.closed.reason} before ${type}`);
      await this.#change();
    }
  }

  lease(): Promise<Lease> {
    return this.frame("lease");
  }

  async closing(): Promise<{ code: number; reason: string }> {
    while (!this.closed) await this.#change();
    return this.closed;
  }

  /** As kill -9: no close frame. */
  kill(): void {
    this.silence();
    this.#socket?.terminate();
  }

  /** The socket stays open and nothing more is sent. */
  silence(): void {
    clearInterval(this.#heartbeat);
  }

  /** Stops reading too, so that not even a ping is answered. */
  freeze(): void {
    this.silence();
    this.#socket?.pause();
  }

  async leave(): Promise<void> {
    this.silence();
    if (!this.#socket || this.closed) return;
    this.#socket.close(1000);
    await this.closing();
  }

  #next(job: string, fence: number): number {
    const key = `${job} ${fence}`;
    const seq = this.#seqs.get(key) ?? 0;
    this.#seqs.set(key, seq + 1);
    return seq;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export function newKeys(): { key: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  return { key: Buffer.from(x!, "base64url").toString("hex"), privateKey };
}
