/** Checks that a worker holds the private half of the key it claims. */
import { createPublicKey, verify } from "node:crypto";
import { proofTranscript } from "@starai/protocol/worker-frames";
import { isKeyWithSecret } from "./ed25519-key.ts";

/** The prefix of the 32 raw bytes in every Ed25519 public key in SPKI form (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** False for a wrong signature, and for a key that is not a point on the curve or has no secret (small order). */
export function isProven(input: { serverId: string; nonce: string; key: string; signature: string }): boolean {
  if (!isKeyWithSecret(input.key)) return false;
  try {
    const spki = Buffer.concat([SPKI_PREFIX, Buffer.from(input.key, "hex")]);
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    return verify(null, Buffer.from(proofTranscript(input)), key, Buffer.from(input.signature, "hex"));
  } catch {
    return false;
  }
}
