/** Checks that whoever speaks holds the private half of a worker's key. */
import { createPublicKey, verify } from "node:crypto";
import { proofTranscript } from "@starai/protocol/worker-frames";
import { isKeyWithSecret } from "./ed25519-key.ts";

/** The prefix of the 32 raw bytes in every Ed25519 public key in SPKI form (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

export function isProven(input: { serverId: string; nonce: string; key: string; signature: string }): boolean {
  return isSignedBy(input, proofTranscript(input));
}

/** False for a wrong signature, and for a key that is not a point on the curve or has no secret (small order). */
export function isSignedBy({ key, signature }: { key: string; signature: string }, text: string): boolean {
  if (!isKeyWithSecret(key)) return false;
  try {
    const spki = Buffer.concat([SPKI_PREFIX, Buffer.from(key, "hex")]);
    const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "hex"));
  } catch {
    return false;
  }
}
