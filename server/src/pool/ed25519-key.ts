/**
 * Checks that 32 bytes are an Ed25519 public key with a private half. Node also verifies against points of order 1, 2,
 * 4 and 8, for which a signature made without any secret is valid once in as many tries as the order.
 * @see RFC 8032, §5.1.3 for the encoding and §5.1 for the field and the cofactor 8
 */

const FIELD = 2n ** 255n - 19n;
const ORDER_8_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The y of each of the eight points whose order divides 8; the sign of x changes no order. */
const SMALL_ORDER_Y = new Set([0n, 1n, FIELD - 1n, ORDER_8_Y, FIELD - ORDER_8_Y]);

/** @param key 64 hex digits. False for a point of small order and for a number outside the field. */
export function isKeyWithSecret(key: string): boolean {
  const y = BigInt(`0x${Buffer.from(key, "hex").reverse().toString("hex")}`) & (2n ** 255n - 1n);
  return y < FIELD && !SMALL_ORDER_Y.has(y);
}
