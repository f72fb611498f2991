/** A node's port for its head in the same local network: it saves the way through the pool. It is open on private addresses only. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import type { Server, TLSSocket } from "node:tls";
import { TUNNEL_CONNECTIONS_MAX } from "@starai/protocol/split";
import type { DirectAddress } from "@starai/protocol/split";
import type { Duplex } from "node:stream";
import { DIRECT_TLS, privateAddresses } from "./private-network.ts";

/** A handshake takes milliseconds there. */
const HANDSHAKE_MAX_MS = 2_000;
const ID = /^[0-9a-f-]{36}$/;

export interface DirectOptions {
  /** Of the group, hex. */
  secret: string;
  /** A connection by somebody who has the secret, with the id they gave it. */
  onTunnel: (tunnel: Duplex, connection: string) => void;
  /** For tests: by default this machine's private ones. */
  addresses?: readonly string[];
}

export interface DirectPort {
  /** Null where this machine has no private address that can be listened on. */
  direct: DirectAddress | null;
  close(): Promise<void>;
}

export async function listenDirect({
  secret,
  onTunnel,
  addresses = privateAddresses(),
}: DirectOptions): Promise<DirectPort> {
  const open = new Set<TLSSocket>();
  const take = (socket: TLSSocket, ids: WeakMap<object, string>) => {
    socket.on("error", () => {});
    if (open.size >= TUNNEL_CONNECTIONS_MAX) return void socket.destroy();
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.setNoDelay(true);
    onTunnel(socket, ids.get(socket) ?? "");
  };
  const servers: Server[] = [];
  const listening: string[] = [];
  let port = 0;
  for (const host of addresses) {
    const server = serverOf(secret, take);
    servers.push(server);
    const bound = await listenOn(server, { host, port });
    if (bound === null) continue;
    port = bound;
    listening.push(host);
  }
  return {
    direct: listening.length > 0 ? { addresses: listening, port } : null,
    close: async () => {
      for (const socket of open) socket.destroy();
      for (const server of servers.filter((one) => one.listening))
        await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serverOf(secret: string, take: (socket: TLSSocket, ids: WeakMap<object, string>) => void): Server {
  const key = Buffer.from(secret, "hex");
  const ids = new WeakMap<object, string>();
  const server = createServer({
    ...DIRECT_TLS,
    handshakeTimeout: HANDSHAKE_MAX_MS,
    pskCallback: (socket, identity) => {
      if (!ID.test(identity)) return null;
      ids.set(socket, identity);
      return key;
    },
  });
  // Those in their handshake count, too.
  server.maxConnections = TUNNEL_CONNECTIONS_MAX;
  server.on("secureConnection", (socket) => take(socket, ids));
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

/** The port; null where it cannot be had at this address. */
async function listenOn(server: Server, at: { host: string; port: number }): Promise<number | null> {
  server.listen(at);
  return await once(server, "listening").then(
    () => (server.address() as AddressInfo).port,
    () => null,
  );
}
