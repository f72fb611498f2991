/** The pool's side of the wire for tests: a real WebSocket server that checks the handshake and records frames, and its HTTP API. */
import { createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { POOL_PATH, proofTranscript, WORKER_FRAME_BYTES_MAX, WorkerFrame } from "@starai/protocol/worker-frames";
import type { Lease, PoolFrame } from "@starai/protocol/worker-frames";
import type { CreditNote, SignedNote } from "@starai/protocol/credit-note";
import type { ReceiptKey } from "@starai/protocol/receipts";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";

type FrameOf<T extends WorkerFrame["type"]> = Extract<WorkerFrame, { type: T }>;

const SERVER_ID = "test-pool";
const NONCE = "ab".repeat(32);

export class TestPool {
  readonly frames: WorkerFrame[] = [];
  readonly closes: number[] = [];
  /** Leases that `welcome` resumes, given those that the worker reports as held. */
  resume: (holding: FrameOf<"ready">["holding"]) => Extract<PoolFrame, { type: "welcome" }>["resume"] = () => [];
  /** Whether frames are acknowledged as stored when they arrive. */
  storing = true;
  /** Closes the next connections with this code instead of welcoming them. */
  refuseWith: number | null = null;
  /** Whether it is of version 1.0, which knows no notes, no temperature and no commitment and refuses what it does not know. */
  isOld = false;
  /** The reason in the close frame of `refuseWith`. */
  refuseReason = "refused";
  /** What is sent to each worker that was welcomed, after the welcome. */
  greeting: (ready: FrameOf<"ready">) => PoolFrame[] = () => [];
  /** Answers of its HTTP API by path; null: it does not answer there. */
  readonly pages = new Map<string, string | Buffer>();
  readonly signer: NoteSigner;
  readonly #http: Server;
  readonly #server: WebSocketServer;
  readonly #waiters = new Set<() => void>();
  #socket: WebSocket | null = null;
  #key = "";

  constructor(signer = new NoteSigner()) {
    this.signer = signer;
    this.pages.set("/api/receipt-keys", JSON.stringify({ keys: [signer.published] }));
    this.#http = createServer((request, response) => {
      const page = this.pages.get(request.url ?? "");
      response.writeHead(page === undefined ? 404 : 200).end(page);
    });
    this.#http.listen(0, "127.0.0.1");
    this.#server = new WebSocketServer({
      server: this.#http,
      path: POOL_PATH,
      maxPayload: WORKER_FRAME_BYTES_MAX,
    });
    this.#server.on("connection", (socket) => this.#connected(socket));
  }

  async listening(): Promise<string> {
    if (!this.#http.listening) await new Promise((resolve) => this.#http.once("listening", resolve));
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}${POOL_PATH}`;
  }

  send(frame: PoolFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.#socket?.send(text);
  }

  /** Breaks the connection as a network does. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** Resolves with the first matching frame, past or future. */
  async next<T extends WorkerFrame["type"]>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
  ): Promise<FrameOf<T>> {
    return await this.until(() => this.all(type).find(fits));
  }

  all<T extends WorkerFrame["type"]>(type: T): FrameOf<T>[] {
    return this.frames.filter((frame): frame is FrameOf<T> => frame.type === type);
  }

  /** The tokens frames of one lease, in the order they came. */
  tokensOf(job: string, fence = 1): FrameOf<"tokens">[] {
    return this.all("tokens").filter((frame) => frame.job === job && frame.fence === fence);
  }

  textOf(job: string, fence = 1): string {
    return this.tokensOf(job, fence)
      .map((frame) => frame.text)
      .join("");
  }

  /** Waits until `look` returns a value. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    while (true) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #connected(socket: WebSocket): void {
    this.#socket = socket;
    socket.on("message", (data: Buffer) =>
      this.#received(socket, WorkerFrame.parse(JSON.parse(data.toString("utf8")))),
    );
    socket.on("close", (code) => {
      this.closes.push(code);
      this.#wake();
    });
  }

  #received(socket: WebSocket, frame: WorkerFrame): void {
    this.frames.push(frame);
    if (this.storing && (frame.type === "tokens" || frame.type === "done")) {
      const { job, fence, seq } = frame;
      this.send({ type: "stored", job, fence, seq: seq + 1 });
    }
    if (this.isOld && !isOfVersion10(frame)) socket.close(1002, "bad frame: Unrecognized key");
    else if (frame.type === "ready") this.#welcome(frame);
    if (frame.type === "hello") this.#challenge(socket, frame.key);
    if (frame.type === "proof") checkProof(this.#key, frame.signature);
    this.#wake();
  }

  #welcome(frame: FrameOf<"ready">): void {
    this.send({ type: "welcome", heartbeatMs: 200, resume: this.resume(frame.holding) });
    for (const one of this.greeting(frame)) this.send(one);
  }

  #challenge(socket: WebSocket, key: string): void {
    this.#key = key;
    if (this.refuseWith !== null) return socket.close(this.refuseWith, this.refuseReason);
    const expiresAt = new Date(Date.now() + 30_000).toISOString();
    this.send({ type: "challenge", nonce: NONCE, serverId: SERVER_ID, expiresAt });
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
  }
}

function isOfVersion10(frame: WorkerFrame): boolean {
  if (frame.type === "ready") return frame.notes === undefined;
  if (frame.type === "heartbeat") return frame.temperatureC === undefined;
  if (frame.type === "done") return frame.commitment === undefined;
  return frame.type !== "pair" && frame.type !== "unpair";
}

/** Signs credit notes as a pool does, numbered and added up by asset. */
export class NoteSigner {
  readonly #key = generateKeyPairSync("ed25519").privateKey;
  readonly #last = { coin: { number: 0, total: 0n }, stars: { number: 0, total: 0n } };
  readonly published: ReceiptKey;

  constructor() {
    const publicKey = this.#key.export({ format: "jwk" }).x ?? "";
    this.published = { id: publicKey.slice(0, 16), publicKey, createdAt: "2026-11-30T00:00:00.000Z", retiredAt: null };
  }

  /** The worker's next note; `over` falsifies parts of it. */
  next(worker: string, amount: bigint, over: Partial<CreditNote> = {}): SignedNote {
    const last = this.#last[over.asset ?? "coin"];
    last.number += 1;
    last.total += amount;
    return this.sign({
      version: 1,
      server: SERVER_ID,
      worker,
      asset: "coin",
      number: last.number,
      job: randomUUID(),
      amount: String(amount),
      total: String(last.total),
      at: new Date().toISOString(),
      ...over,
    });
  }

  sign(note: CreditNote): SignedNote {
    const text = JSON.stringify(note);
    const signature = sign(null, Buffer.from(text), this.#key).toString("base64url");
    return { note: text, key: this.published.id, signature };
  }
}

function checkProof(key: string, signature: string): void {
  const publicKey = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(key, "hex").toString("base64url") },
    format: "jwk",
  });
  const transcript = Buffer.from(proofTranscript({ serverId: SERVER_ID, nonce: NONCE, key }));
  if (!verify(null, transcript, publicKey, Buffer.from(signature, "hex"))) throw new Error("the proof is wrong");
}

/** A lease for the plumbing model; `over` changes parts of it. */
export function leaseOf(question: string, over: Partial<Lease> = {}): Lease {
  return {
    type: "lease",
    job: randomUUID(),
    fence: 1,
    model: "smollm2-135m",
    turns: [
      { role: "system", content: "You are a helpful assistant." },
      { role: "user", content: question },
    ],
    committed: { text: "", tokens: [] },
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 1 },
    maxTokens: 24,
    cacheKey: "test",
    ...over,
  };
}
