/**
 * The head's side of the way to one node: a port of 127.0.0.1 that llama-server takes for the node's layer server. Each
 * connection it opens there goes through a tunnel of its own.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TUNNEL_CONNECTIONS_MAX } from "@starai/protocol/split";
import { TUNNEL_ALIVE_MS } from "@starai/protocol/tunnel";
import { carry } from "./carry.ts";
import { Cutter } from "./de-duplicate.ts";
import { ModelBytes } from "./model-bytes.ts";
import { readTensorPlaces } from "./tensor-places.ts";
import type { TensorPlaces } from "./tensor-places.ts";

export interface EntryOptions {
  /** Opens a tunnel to the node. */
  open: () => Promise<Duplex>;
  /** The model's, which the node has, too. */
  file: string;
  /** Closes the entry. */
  signal: AbortSignal;
}

export interface Entry {
  readonly port: number;
  /** From the head to the node: what the engine wrote, and what the tunnels carried of it. */
  readonly bytes: { readonly raw: number; readonly sent: number };
  /** Why the last tunnel was not opened, or broke; null: none did. */
  readonly fault: string | null;
  close(): Promise<void>;
}

export async function openEntry(options: EntryOptions): Promise<Entry> {
  const way = new Way(options, await readTensorPlaces(options.file));
  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true }, (socket) =>
    way.take(socket),
  );
  server.maxConnections = TUNNEL_CONNECTIONS_MAX;
  const close = async () => {
    way.close();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  options.signal.addEventListener("abort", () => void close());
  if (options.signal.aborted) await close();
  const { port } = (server.address() as AddressInfo | null) ?? { port: 0 };
  return {
    port,
    bytes: way.bytes,
    close,
    get fault() {
      return way.fault;
    },
  };
}

/** All connections of the engine to one node. */
class Way {
  readonly bytes = { raw: 0, sent: 0 };
  fault: string | null = null;
  readonly #options: EntryOptions;
  readonly #places: TensorPlaces;
  readonly #sockets = new Set<Socket>();

  constructor(options: EntryOptions, places: TensorPlaces) {
    this.#options = options;
    this.#places = places;
  }

  take(socket: Socket): void {
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    this.#options.open().then(
      (tunnel) => this.#carry(socket, tunnel),
      (error: unknown) => {
        this.fault = error instanceof Error ? error.message : String(error);
        socket.destroy();
      },
    );
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #carry(socket: Socket, tunnel: Duplex): void {
    if (socket.destroyed) return void tunnel.destroy();
    const cutter = new Cutter({ places: this.#places, model: new ModelBytes(this.#options.file), count: this.bytes });
    const alive = setInterval(() => cutter.sayAlive(), TUNNEL_ALIVE_MS);
    carry(socket, cutter, tunnel, (fault) => {
      clearInterval(alive);
      this.fault = fault?.message ?? this.fault;
    });
    socket.resume();
  }
}
