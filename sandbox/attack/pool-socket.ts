/** A worker's socket to the pool: it speaks the real protocol and lets its owner break it at will. */
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
  /** Local loopback address: on Linux all of 127.0.0.0/8 works, so that many strangers have addresses of their own. */
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

  /** Opens the socket and goes through the handshake up to the proof of its key. */
  async prove(url: string): Promise<void> {
    await this.connect(url);
    const challenged = this.#next("challenge");
    this.send({ type: "hello", protocol: PROTOCOL, key: this.keys.key });
    const { serverId, nonce } = await challenged;
    const transcript = Buffer.from(proofTranscript({ serverId, nonce, key: this.keys.key }));
    this.send({ type: "proof", signature: sign(null, transcript, this.keys.privateKey).toString("hex") });
  }

  /** Opens the socket and sends nothing. */
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
    await Promise.race([
      once(socket, "open"),
      once(socket, "close").then(() => Promise.reject(new Error("connection refused"))),
    ]);
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

  /** Bytes queued for sending because the server does not read them. */
  get unsentBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Stops the heartbeat and keeps the socket open. */
  silence(): void {
    clearInterval(this.#heartbeat);
  }

  /** Ends the connection as kill -9 does, without a close frame, after the frames already sent. */
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
    // An attempt that failed before joining has already rejected.
    if (!this.#hasJoined) return;
    this.#hasJoined = false;
    this.#options.onClose(code, reason);
  }
}
