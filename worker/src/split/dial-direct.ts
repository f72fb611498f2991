/** The head's way to a node in the same local network. */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { DirectAddress } from "@starai/protocol/split";
import { DIRECT_TLS, isPrivate } from "./private-network.ts";

/** In one network it takes milliseconds; in others the address may be anybody's, or nobody's. */
const DIAL_MAX_MS = 1_000;

export interface DirectDial {
  direct: DirectAddress;
  /** Of the group, hex. */
  secret: string;
  signal: AbortSignal;
  /** For tests: by default those of local networks. */
  isAllowed?: (address: string) => boolean;
}

/** By whichever of the addresses answers first. @throws Error when none does within a second */
export async function dialDirect({ direct, secret, signal, isAllowed = isPrivate }: DirectDial): Promise<Duplex> {
  // A node that names other machines must not have them called.
  const addresses = direct.addresses.filter(isAllowed);
  const found = new AbortController();
  const limit = AbortSignal.any([signal, found.signal, AbortSignal.timeout(DIAL_MAX_MS)]);
  const dials = addresses.map(async (host) => await dialOne({ host, port: direct.port, secret }, limit));
  try {
    const first = await Promise.any(dials);
    for (const dial of dials) void dial.then((socket) => socket !== first && socket.destroy()).catch(() => {});
    return first;
  } catch (error) {
    throw new Error("the node does not answer at its own addresses", { cause: error });
  } finally {
    found.abort();
  }
}

async function dialOne(
  { host, port, secret }: { host: string; port: number; secret: string },
  signal: AbortSignal,
): Promise<TLSSocket> {
  return await new Promise((resolve, reject) => {
    const key = { psk: Buffer.from(secret, "hex"), identity: randomUUID() };
    // The key itself says who it is: there is no certificate whose name could be checked.
    const socket = connect({ ...DIRECT_TLS, host, port, checkServerIdentity: () => undefined, pskCallback: () => key });
    const abort = () => socket.destroy();
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", reject);
    socket.once("close", () => reject(new Error(`${host} did not answer in time`)));
    socket.once("secureConnect", () => {
      signal.removeEventListener("abort", abort);
      socket.setNoDelay(true);
      resolve(socket);
    });
    if (signal.aborted) abort();
  });
}
