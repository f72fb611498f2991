/** Schemas of untrusted JSON-RPC inputs: addresses, bags of cells, hashes, logical times. */
import { Address, Cell } from "@ton/core";
import { z } from "zod";

/** The network's own limits for an external message. */
const BOC_BYTES_MAX = 65_535;
const BOC_DEPTH_MAX = 512;

/** Friendly or raw form, of either workchain. */
export const AddressInput = z
  .string()
  .max(100)
  .transform((text, context) => {
    try {
      const address = Address.parse(text);
      if (address.workChain === 0 || address.workChain === -1) return address;
    } catch {
      // Reported below.
    }
    context.addIssue({ code: "custom", message: "Incorrect address" });
    return z.NEVER;
  });

/** One root, base64. */
export const BocInput = z
  .string()
  .max(Math.ceil(BOC_BYTES_MAX / 3) * 4 + 4)
  .transform((text, context) => {
    const cell = readBoc(text);
    if (cell && cell.depth() <= BOC_DEPTH_MAX) return cell;
    context.addIssue({ code: "custom", message: "Failed to parse boc" });
    return z.NEVER;
  });

/** 32 bytes as hex or base64; output as hex. */
export const HashInput = z
  .string()
  .max(64)
  .transform((text, context) => {
    const bytes = /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64");
    if (bytes.length === 32) return bytes.toString("hex");
    context.addIssue({ code: "custom", message: "Incorrect hash" });
    return z.NEVER;
  });

/** 64 bits, as a number or a decimal string. */
export const LtInput = z
  .union([z.number().int().nonnegative(), z.string().regex(/^\d{1,20}$/)])
  .transform((value) => BigInt(value));

/** Null unless it is a bag of exactly one ordinary root. */
export function readBoc(base64: string): Cell | null {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  try {
    const [root, ...others] = Cell.fromBoc(Buffer.from(base64, "base64"));
    return root && others.length === 0 && !root.isExotic ? root : null;
  } catch {
    return null;
  }
}
