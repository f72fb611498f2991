/**
 * Keys that sign vouchers, by the Ed25519 of WebCrypto, which Node has and browsers have had since Safari 17 (2023), Firefox 129 (2024) and Chrome 137
 * (2025), on pages served over HTTPS or from this machine.
 */

export interface SessionKey {
  /** 32 bytes; `escrowBody.setKey` tells the chain. */
  publicKey: Uint8Array<ArrayBuffer>;
  /** Signs and cannot be read, not even by a script that was smuggled into the page. IndexedDB keeps it as it is. */
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

// Asynchronous, so that what is missing rejects: over plain HTTP there is no `subtle`, and reading from it throws at once.
async function generate(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
}

/** What stands before the seed in the PKCS #8 form of an Ed25519 private key (RFC 8410, 7). */
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const SEED_BYTES = 32;

/** The private key that grows from a seed of 32 bytes: the first half of the `secretKey` that @ton/crypto's `keyPairFromSeed` returns. */
export async function privateKeyOf(seed: Uint8Array): Promise<CryptoKey> {
  if (seed.length !== SEED_BYTES) throw new RangeError(`a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  return crypto.subtle.importKey("pkcs8", Uint8Array.of(...PKCS8, ...seed), "Ed25519", false, ["sign"]);
}
