/** Ed25519 keys of receipts in the forms they are kept and published in. */
import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";

const SEED_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** What comes before the seed in PKCS #8 (RFC 8410, §7). */
const PKCS8_BEGIN = Buffer.from("302e020100300506032b657004220420", "hex");

/** base64url, 32 bytes. */
export function publicKeyOf(key: KeyObject): string {
  return key.export({ format: "jwk" }).x!;
}

/** Short enough to read out: a public key's first 12 bytes. */
export function keyId(publicKey: string): string {
  return publicKey.slice(0, 16);
}

/** Null for what is not 32 bytes of base64url. */
export function keyOfSeed(seed: string): KeyObject | null {
  const bytes = bytesOf(seed, SEED_BYTES);
  if (bytes === null) return null;
  return createPrivateKey({ key: Buffer.concat([PKCS8_BEGIN, bytes]), format: "der", type: "pkcs8" });
}

/** False also for a key or a signature that is not written in its one form. */
export function isSignedBy(publicKey: string, { text, signature }: { text: string; signature: string }): boolean {
  const [x, bytes] = [bytesOf(publicKey, SEED_BYTES), bytesOf(signature, SIGNATURE_BYTES)];
  if (x === null || bytes === null) return false;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
  return verify(null, Buffer.from(text, "utf8"), key, bytes);
}

/** The last character of base64url has bits that mean nothing: they must be zero, so that each value has one text. */
function bytesOf(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === length && bytes.toString("base64url") === text ? bytes : null;
}
