/**
 * The origin of a socket: all addresses that one household or one customer of a provider can have for nothing count as
 * one. In IPv6 a home chooses freely among the addresses of its /64, so a /64 is one address.
 */
import type { IncomingHttpHeaders } from "node:http";
import ipaddr from "ipaddr.js";

export interface Origin {
  readonly address: string;
  /** The /24 of an IPv4 address, the /48 of an IPv6 one: the smallest blocks that are handed out. */
  readonly network: string;
}

export const UNKNOWN = "unknown";

export function originOf(address: string): Origin {
  if (!ipaddr.isValid(address)) return { address: UNKNOWN, network: UNKNOWN };
  const ip = ipaddr.process(address);
  if (ip instanceof ipaddr.IPv4) return { address: ip.toString(), network: `${ip.octets.slice(0, 3).join(".")}.0/24` };
  const prefix = (parts: number) =>
    ip.parts
      .slice(0, parts)
      .map((part) => part.toString(16))
      .join(":");
  return { address: `${prefix(4)}::/64`, network: `${prefix(3)}::/48` };
}

/** The parts of a request that show where it comes from. */
export interface Incoming {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Behind our reverse proxy the last address of the header counts: a client may have written those before it. */
export function remoteAddress({ headers, socket }: Incoming, behindProxy: boolean): string {
  const forwarded = behindProxy ? String(headers["x-forwarded-for"] ?? "") : "";
  return forwarded.split(",").at(-1)?.trim() || (socket.remoteAddress ?? UNKNOWN);
}
