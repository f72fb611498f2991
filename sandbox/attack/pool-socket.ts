/** A worker's own socket to the pool: the real protocol, and nothing that keeps its owner from breaking it. */
import { sign } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { HEARTBEAT_MS, PoolFrame, POOL_PATH, PROTOCOL, proofTranscript } from "@starai/protocol/worker-frames";
import type { ServedModel, WorkerFrame } from "@starai/protocol/worker-frames";
import { newKeys } from "@starai/server/testing/scripted-worker";

export interface PoolSocketOptions {
  name: string;
  models: readonly ServedModel[];
  keys?: ReturnType<typeof newKeys>;
  /** The loopback address it comes from: on Linux all of 127.0.0.0/8 are there, so strangers can be many. */
  from?: string;
  onFrame: (frame: PoolFrame) => void;
  onClose: (code: number, reason: string) => void;
}

export class PoolSocket {
  readonly #options: PoolSocketOptions;
  readonly keys: ReturnType<typeof newKeys>;
  #socket: WebSocket | null = null;
  #heartbeat: NodeJS.Timeout | undefined;
  #onFrame: (frame: PoolFrame) => void = () => undefined;
  #onClose: (why: string) => void = () => undefined;
  #hasJoined = false;

  constructor(options: PoolSocketOptions) {
    this.#options = options;
    this.keys = options.keys ?? newKeys();
  }

  /** Opens the socket and goes through the whole handshake. @throws when the pool refuses it */
  async join(url: string): Promise<void> {
    await this.prove(url);
    const { name, models } = this.#options;
    const welcomed = this.#next("welcome");
    this.send({ type: "ready", name, version: "attack", devices: [], models: [...models], holding: [] });
    await welcomed;
    this.#hasJoined = true;
    this.#onFrame = this.#options.onFrame;
    this.#heartbeat = setInterval(
      () => this.send({ type: "heartbeat", running: 0, freeMemoryBytes: 0 }),
      HEARTBEAT_MS / 2,
    );
  }

  /** As far as the proof of its key. */
  async prove(url: string): Promise<void> {
    await this.connect(url);
    const challenged = this.#next("challenge");
    this.send({ type: "hello", protocol: PROTOCOL, key: this.keys.key });
    const { serverId, nonce } = await challenged;
    const transcript = Buffer.from(proofTranscript({ serverId, nonce, key: this.keys.key }));
    this.send({ type: "proof", signature: sign(null, transcript, this.keys.privateKey).toString("hex") });
  }

  /** Only the socket; nothing is said. */
  async connect(url: string): Promise<void> {
    const { from } = this.#options;
    const socket = new WebSocket(
      url.replace("http", "ws") + POOL_PATH,
      from === undefined ? {} : { localAddress: from },
    );
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#onFrame(PoolFrame.parse(JSON.parse(String(data)))));
    socket.on("error", () => undefined);
    socket.on("close", (code, reason) => {
      if (this.#socket === socket) this.#closed(code, String(reason));
    });
    await Promise.race([once(socket, "open"), once(socket, "close").then(() => Promise.reject(new Error("refused")))]);
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(frame: WorkerFrame): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    if (this.isOpen) this.#socket?.send(text);
  }

  /** Bytes this side still has to send: what the other side does not read. */
  get unsentBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Says nothing any more and keeps the socket. */
  silence(): void {
    clearInterval(this.#heartbeat);
  }

  /** As kill -9: no close frame, right after what was said last. */
  hangUp(): void {
    this.silence();
    const socket = this.#socket;
    if (this.isOpen) socket?.ping("", true, () => socket.terminate());
    else socket?.terminate();
  }

  #next<Type extends PoolFrame["type"]>(type: Type): Promise<Extract<PoolFrame, { type: Type }>> {
    return new Promise((resolve, reject) => {
      this.#onFrame = (frame) => {
        if (frame.type === type) resolve(frame as Extract<PoolFrame, { type: Type }>);
      };
      this.#onClose = (why) => reject(new Error(why));
    });
  }

  #closed(code: number, reason: string): void {
    this.silence();
    this.#onClose(`closed ${code} ${reason}`);
    // An attempt that never got so far has been told already, by throwing.
    if (!this.#hasJoined) return;
    this.#hasJoined = false;
    this.#options.onClose(code, reason);
  }
}
