/** The ledger's keys: one external event, one effect, whoever repeats it. */
import { createHash } from "node:crypto";

/** A UUID that is a function of the parts (RFC 9562, version 8: its bits are SHA-256's). */
export function ledgerKey(...parts: readonly (string | number)[]): string {
  const bytes = createHash("sha256").update(parts.join("\n")).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
