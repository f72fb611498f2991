/**
 * Keys and signatures that no honest signer makes: Ed25519's arithmetic as RFC 8032 writes it (5.1), in affine coordinates, without
 * any care for time. Signatures are valid by the strict equation R = S·B − h·A, which the chain and WebCrypto check.
 */
import { createHash } from "node:crypto";

interface Point {
  x: bigint;
  y: bigint;
}

const P = 2n ** 255n - 19n;
/** The order of the base point B. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a: bigint, m = P): bigint => ((a % m) + m) % m;

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

const inverse = (a: bigint): bigint => power(a, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

function plus(a: Point, b: Point): Point {
  const k = mod(D * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + b.x * a.y) * inverse(1n + k)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - k)),
  };
}

const NEUTRAL: Point = { x: 0n, y: 1n };
const minus = ({ x, y }: Point): Point => ({ x: mod(-x), y });

function times(point: Point, scalar: bigint): Point {
  let [result, double] = [NEUTRAL, point];
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = plus(result, double);
    double = plus(double, double);
  }
  return result;
}

/** The point with this y and an even x; null where the curve has none. */
function pointAt(y: bigint): Point | null {
  const [u, v] = [mod(y * y - 1n), mod(D * y * y + 1n)];
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) !== u) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(v * x * x) !== u) return null;
  return { x: x & 1n ? mod(-x) : x, y };
}

const BASE = pointAt(mod(4n * inverse(5n)))!;

/** The eight points whose order divides eight: multiples of one of order eight. */
const TORSION: Point[] = (() => {
  for (let y = 2n; ; y++) {
    const found = pointAt(y);
    const point = found && times(found, L);
    if (point && times(point, 4n).y === P - 1n) return Array.from({ length: 8 }, (_, k) => times(point, BigInt(k)));
  }
})();

export const littleEndian = (number: bigint): Buffer =>
  Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
const numberIn = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const SIGN = 2n ** 255n;
const encoded = ({ x, y }: Point): Buffer => littleEndian(y | (x & 1n ? SIGN : 0n));

/** Keys of small order and second encodings, each with both signs of x: all that must be refused. */
export function weakKeys(): Buffer[] {
  const smallOrder = TORSION.map(({ y }) => y);
  const notReduced = Array.from({ length: 19 }, (_, above) => P + BigInt(above));
  return [...new Set([...smallOrder, ...notReduced])].flatMap((y) => [littleEndian(y), littleEndian(y | SIGN)]);
}

/** A key pair of whoever made it: `point` is secret·B plus a point of small order, of order one where the pair is honest. */
export interface OddPair {
  secret: bigint;
  torsion: Point;
  publicKey: Buffer;
}

/** The pair of a secret number plus `mixed` times the point of order eight; a secret of zero makes a key that anybody can sign for. */
export function oddPair(secret: bigint, mixed: number): OddPair {
  const torsion = TORSION[mixed]!;
  return { secret, torsion, publicKey: encoded(plus(times(BASE, secret), torsion)) };
}

/** A signature that fulfils the strict equation, found by trying nonces: the hash must cancel the key's part of small order. */
export function signOddly({ secret, torsion, publicKey }: OddPair, message: Uint8Array): Buffer {
  for (let nonce = 1n; ; nonce++) {
    for (let guess = 0n; guess < 8n; guess++) {
      const R = plus(times(BASE, nonce), minus(times(torsion, guess)));
      const h = hash(encoded(R), publicKey, message);
      if (encoded(times(torsion, h % 8n)).equals(encoded(times(torsion, guess))))
        return Buffer.concat([encoded(R), littleEndian(mod(nonce + h * secret, L))]);
    }
  }
}

/** Signatures by an honest pair whose R is a point of small order: only the one with R of order one fulfils the strict equation. */
export function signWithSmallR({ secret, publicKey }: OddPair, message: Uint8Array): Buffer[] {
  return TORSION.map((R) => {
    const h = hash(encoded(R), publicKey, message);
    return Buffer.concat([encoded(R), littleEndian(mod(h * secret, L))]);
  });
}

function hash(...parts: Uint8Array[]): bigint {
  const digest = createHash("sha512");
  for (const part of parts) digest.update(part);
  return mod(numberIn(digest.digest()), L);
}
