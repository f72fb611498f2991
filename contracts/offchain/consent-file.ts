/** A provider's consent to close an escrow at once, as a file for the owner: one JSON object of strings and integers. */
import type { CloseConsent } from "../wrappers/voucher.ts";
import { jsonFields } from "./json-fields.ts";

export interface SignedConsent extends CloseConsent {
  /** 64 bytes, not verified yet. */
  signature: Buffer;
}

export function writeConsent({ cumulative, signature, ...rest }: CloseConsent & { signature: Uint8Array }): string {
  return JSON.stringify({ ...rest, cumulative: String(cumulative), signature: Buffer.from(signature).toString("hex") });
}

/** Parses a consent without verifying its signature. @throws with the name of the first invalid field. */
export function readConsent(text: string): SignedConsent {
  const fields = jsonFields("consent", text);
  if (!fields)
    throw new Error("This is not a consent to close: ask the provider for the file it sends, as it sends it.");
  return {
    networkId: fields.whole("networkId"),
    escrow: fields.text("escrow", /^0:[0-9a-f]{64}$/),
    round: fields.whole("round"),
    cumulative: BigInt(fields.text("cumulative", /^\d{1,36}$/)),
    validUntil: fields.whole("validUntil"),
    signature: Buffer.from(fields.text("signature", /^[0-9a-f]{128}$/), "hex"),
  };
}
