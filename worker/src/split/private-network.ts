/** What both ends of a direct connection agree on: addresses of local networks alone, and TLS with the group's secret as its key. */
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { TlsOptions } from "node:tls";

/** A machine's directly reachable addresses that are told; most have one or two. */
const ADDRESSES_MAX = 8;

/** No certificates: whoever has the secret is the other end. Fresh keys are exchanged, so what was recorded stays unread when the secret is lost. */
export const DIRECT_TLS = {
  ciphers: "ECDHE-PSK-CHACHA20-POLY1305",
  // Node knows callbacks for shared keys up to this version.
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
} as const satisfies TlsOptions;

const PRIVATE = new BlockList();
PRIVATE.addSubnet("10.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("172.16.0.0", 12, "ipv4");
PRIVATE.addSubnet("192.168.0.0", 16, "ipv4");
PRIVATE.addSubnet("fc00::", 7, "ipv6");

export function isPrivate(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && PRIVATE.check(address, version === 4 ? "ipv4" : "ipv6");
}

/** This machine's own. */
export function privateAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((of) => of?.map(({ address }) => address) ?? []);
  return all.filter(isPrivate).slice(0, ADDRESSES_MAX);
}
