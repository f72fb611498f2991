/**
 * A layer node: holds some layers of a model for one head, and computes them.
 *
 * llama.cpp's layer server is started for this one head and ended with the group. The head reaches it by tunnels, each
 * of which the pool announces with a `dial`, or directly where both are in one network.
 */
import type { Duplex } from "node:stream";
import { TUNNEL_CONNECTIONS_MAX } from "@starai/protocol/split";
import { dialTunnel } from "./dial-tunnel.ts";
import { listenDirect } from "./listen-direct.ts";
import { serveExit } from "./exit.ts";
import { aborted } from "./part.ts";
import type { PartContext, PartEnd } from "./part.ts";
import { startRpcServer } from "./rpc-server.ts";

export interface NodeEvents {
  /** Gives what is to be done at each `dial` of the pool. */
  onDial: (handler: (connection: string) => void) => void;
  /** The head's first connection came. */
  onReached: () => void;
}

/** Runs until the group is over; ends every process and connection of it. */
export async function runNode(context: PartContext<"node">, events: NodeEvents): Promise<PartEnd> {
  const { frame, part, file, build, memoryBytes, threads, log, signal, tell } = context;
  const rpc = await startRpcServer({ folder: build.folder, threads, memoryBytes, device: "CPU", log });
  const tunnels = new NodeTunnels(context, rpc.port, events.onReached);
  const direct = await listenDirect({
    secret: part.secret,
    onTunnel: (tunnel, connection) => tunnels.take(tunnel, connection),
  }).catch((error: unknown) => {
    log.info({ err: error }, "no direct connection can be offered: the head comes over the pool");
    return null;
  });
  try {
    events.onDial((connection) => tunnels.dial(connection));
    tell({ kind: "ready", direct: direct?.direct ?? null });
    log.info({ group: frame.group, file, pid: rpc.pid }, "the layer server waits for the head");
    return await Promise.race([
      aborted(signal),
      rpc.ended.then((why) => ({ reason: `the layer server: ${why}`, lost: [] })),
    ]);
  } finally {
    tunnels.close();
    await Promise.all([rpc.end(), direct?.close()]);
  }
}

/** The connections of one head to this node's layer server. */
class NodeTunnels {
  readonly #context: PartContext<"node">;
  readonly #rpcPort: number;
  readonly #onReached: () => void;
  readonly #open = new Map<string, Duplex | null>();
  readonly #closing = new AbortController();

  constructor(context: PartContext<"node">, rpcPort: number, onReached: () => void) {
    this.#context = context;
    this.#rpcPort = rpcPort;
    this.#onReached = onReached;
  }

  /** Opens this end of a connection that the head has opened at the pool. */
  dial(connection: string): void {
    if (!this.#mayOpen(connection)) return;
    this.#open.set(connection, null);
    const { config, identity, frame, part, log } = this.#context;
    const { place, secret } = part;
    const { signal } = this.#closing;
    dialTunnel({
      poolUrl: config.poolUrl,
      identity,
      group: frame.group,
      place,
      secret,
      connection,
      side: "node",
      signal,
    }).then(
      (tunnel) => this.#serve(tunnel, connection),
      (error: unknown) => {
        this.#open.delete(connection);
        log.warn({ err: error, group: frame.group, connection }, "this end of a tunnel could not be opened");
      },
    );
  }

  /** Takes a connection that came directly. */
  take(tunnel: Duplex, connection: string): void {
    if (this.#mayOpen(connection)) this.#serve(tunnel, connection);
    else tunnel.destroy();
  }

  close(): void {
    this.#closing.abort(new Error("the group is over"));
    for (const tunnel of this.#open.values()) tunnel?.destroy();
    this.#open.clear();
  }

  #serve(tunnel: Duplex, connection: string): void {
    if (this.#closing.signal.aborted) return void tunnel.destroy();
    this.#open.set(connection, tunnel);
    tunnel.once("close", () => this.#open.delete(connection));
    serveExit(tunnel, { rpcPort: this.#rpcPort, file: this.#context.file });
    this.#onReached();
  }

  #mayOpen(connection: string): boolean {
    const isNew = !this.#open.has(connection) && !this.#closing.signal.aborted;
    if (isNew && this.#open.size < TUNNEL_CONNECTIONS_MAX) return true;
    this.#context.log.warn({ connection, open: this.#open.size }, "a connection of the head was refused");
    return false;
  }
}
