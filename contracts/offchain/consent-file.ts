/** A provider's consent to close an escrow at once, as a file for the owner: one JSON object of strings and integers. */
import type { CloseConsent } from "../wrappers/voucher.ts";

export interface SignedConsent extends CloseConsent {
  /** 64 bytes, not verified yet. */
  signature: Buffer;
}

/** Longest accepted consent file, characters. */
export const CONSENT_CHARS_MAX = 1_000;

export function writeConsent({ cumulative, signature, ...rest }: CloseConsent & { signature: Uint8Array }): string {
  return JSON.stringify({ ...rest, cumulative: String(cumulative), signature: Buffer.from(signature).toString("hex") });
}

/** Parses a consent without verifying its signature. @throws with the name of the first invalid field. */
export function readConsent(text: string): SignedConsent {
  const json = text.length > CONSENT_CHARS_MAX ? null : parsed(text);
  if (typeof json !== "object" || json === null)
    throw new Error("This is not a consent to close: ask the provider for the file it sends, as it sends it.");
  const fields = json as Record<string, unknown>;
  const textOf = (name: string, form: RegExp) => {
    const value = fields[name];
    if (typeof value !== "string" || !form.test(value)) throw new Error(`The consent's ${name} is malformed.`);
    return value;
  };
  const numberOf = (name: string) => {
    const value = fields[name];
    if (!Number.isSafeInteger(value)) throw new Error(`The consent's ${name} is not a whole number.`);
    return value as number;
  };
  return {
    networkId: numberOf("networkId"),
    escrow: textOf("escrow", /^0:[0-9a-f]{64}$/),
    round: numberOf("round"),
    cumulative: BigInt(textOf("cumulative", /^\d{1,36}$/)),
    validUntil: numberOf("validUntil"),
    signature: Buffer.from(textOf("signature", /^[0-9a-f]{128}$/), "hex"),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
