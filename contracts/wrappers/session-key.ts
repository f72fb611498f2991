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

/** The field's prime: coordinates of points are numbers below it. */
const P = 2n ** 255n - 19n;
/** y of two of the points of order 8; the other two have P - ORDER_8. */
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;

/**
 * Whether somebody without its secret could sign for this key, as it is a point of small order, or whether it is a second encoding of another key,
 * or of another length. The chain and the verifier refuse such keys: verifiers disagree about their signatures. Escrow's session-key.tolk says the same.
 */
export function isWeakKey(key: Uint8Array): boolean {
  if (key.length !== 32) return true;
  // Little-endian, without the sign of x, which is the highest bit.
  const number = key.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const y = BigInt.asUintN(255, number);
  return y <= 1n || y >= P - 1n || y === ORDER_8 || y === P - ORDER_8;
}
