/**
 * Keys that sign vouchers with the Ed25519 of WebCrypto, available in Node and, on pages served over HTTPS or from this machine,
 * in browsers since Safari 17 (2023), Firefox 129 (2024) and Chrome 137 (2025).
 */

export interface SessionKey {
  /** 32 bytes; `escrowBody.setKey` registers it on chain. */
  publicKey: Uint8Array<ArrayBuffer>;
  /** Not extractable, so not even an injected script can read it. IndexedDB can store it. */
  privateKey: CryptoKey;
}

/** @throws where the browser has no Ed25519. */
export async function newSessionKey(): Promise<SessionKey> {
  const made = await generate().catch((error: unknown) => {
    throw new Error("this browser cannot sign vouchers (no Ed25519 in WebCrypto): update it", { cause: error });
  });
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", made.publicKey)),
    privateKey: made.privateKey,
  };
}

// Asynchronous, so that it rejects instead of throwing where `crypto.subtle` is missing, as over plain HTTP.
async function generate(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
}

/** The bytes before the seed in the PKCS #8 form of an Ed25519 private key (RFC 8410, 7). */
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const SEED_BYTES = 32;

/** The private key of a 32-byte seed: the first half of the `secretKey` that @ton/crypto's `keyPairFromSeed` returns. */
export async function privateKeyOf(seed: Uint8Array): Promise<CryptoKey> {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  return crypto.subtle.importKey("pkcs8", Uint8Array.of(...PKCS8, ...seed), "Ed25519", false, ["sign"]);
}
