/** Checks that whoever speaks for a worker key holds its private half. */
import { createPublicKey, verify } from "node:crypto";
import { proofTranscript } from "@starai/protocol/worker-frames";
import { isKeyWithSecret } from "./ed25519-key.ts";

/** What stands before the 32 raw bytes of every Ed25519 public key in SPKI form (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** False for a wrong signature, and for a key that is no point on the curve or one that needs no secret. */
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
