/** A signed voucher as a file, for whoever shall redeem it: one JSON object of strings and integers. */
import type { Voucher } from "../wrappers/voucher.ts";
import { jsonFields } from "./json-fields.ts";

export interface SignedVoucher extends Voucher {
  /** 64 bytes, not verified yet. */
  signature: Buffer;
}

export function writeVoucher({ cumulative, signature, ...rest }: Voucher & { signature: Uint8Array }): string {
  return JSON.stringify({ ...rest, cumulative: String(cumulative), signature: Buffer.from(signature).toString("hex") });
}

/** Parses a voucher without verifying its signature. @throws with the name of the first invalid field. */
export function readVoucher(text: string): SignedVoucher {
  const fields = jsonFields("voucher", text);
  if (!fields) throw new Error("This is not a voucher: it must be one JSON object.");
  return {
    networkId: fields.whole("networkId"),
    escrow: fields.text("escrow", /^0:[0-9a-f]{64}$/),
    round: fields.whole("round"),
    cumulative: BigInt(fields.text("cumulative", /^\d{1,36}$/)),
    signature: Buffer.from(fields.text("signature", /^[0-9a-f]{128}$/), "hex"),
  };
}
