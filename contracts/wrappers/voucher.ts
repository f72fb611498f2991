/**
 * Vouchers and consents to close, which are signed for an escrow. Runs unchanged in Node and in a browser, where it is 1.2 KB: no
 * @ton/core, no Buffer, Ed25519 by WebCrypto.
 */
import { EscrowOp } from "./escrow-codes.ts";
import { isWeakKey } from "./session-key.ts";
import { address, cellHash, coins, int, uint } from "./signed-cell.ts";
import type { Field } from "./signed-cell.ts";

/**
 * A promise to pay: "this escrow's vault may have `cumulative` nano units in all since the beginning". The newest replaces all older ones.
 * Network, escrow and round make it invalid on another chain, for another escrow, and after a close.
 */
export interface Voucher {
  /** The chain's global id: -239 mainnet, -3 testnet. */
  networkId: number;
  /** The escrow's address in its raw form, `Address.toRawString()`: `0:` and 64 hex digits. */
  escrow: string;
  round: number;
  cumulative: bigint;
}

/** The provider's consent to close at once, paid `cumulative` in all; valid until `validUntil`, UNIX seconds. */
export interface CloseConsent extends Voucher {
  validUntil: number;
}

/**
 * The most that may be signed ahead of what was captured, nano units (a tenth of a coin), and the most that a provider leaves unredeemed.
 * A user signs ahead because a chat has no key at hand; a provider could take that much without serving.
 */
export const ALLOWANCE_MAX = 100_000_000n;

/** Signs with a session's private key (session-key.ts): 64 bytes. Throws a RangeError for a voucher that no contract could read. */
export async function signVoucher(voucher: Voucher, key: CryptoKey): Promise<Uint8Array> {
  return sign(voucherFields(voucher), key);
}

/** True only for this key's signature of exactly this voucher, if the key is not weak (session-key.ts); never throws, whatever the bytes. */
export async function verifyVoucher(voucher: Voucher, signature: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  return verify(() => voucherFields(voucher), signature, publicKey);
}

/** Signs with the provider's key. Serve nothing more on vouchers of this round afterwards. */
export async function signCloseConsent(consent: CloseConsent, key: CryptoKey): Promise<Uint8Array> {
  return sign(consentFields(consent), key);
}

export async function verifyCloseConsent(
  consent: CloseConsent,
  signature: Uint8Array,
  publicKey: Uint8Array,
): Promise<boolean> {
  return verify(() => consentFields(consent), signature, publicKey);
}

/** The amount to sign so that `ahead` more than what was captured can be spent. Throws a RangeError beyond ALLOWANCE_MAX. */
export function allowanceUpTo({ captured, ahead }: { captured: bigint; ahead: bigint }): bigint {
  if (ahead < 0n || ahead > ALLOWANCE_MAX)
    throw new RangeError(
      `sign at most ${ALLOWANCE_MAX} nano ahead, not ${ahead}: a provider could take it without serving`,
    );
  return captured + ahead;
}

/**
 * What can still be served on a voucher, nano units: the signed amount, at most what the chain would pay now, less the captured.
 * `available` is the escrow's balance above its reserve (`getSpendable`), `capLeft` what its daily cap still allows, `settled` what it has
 * paid, all as of one block.
 */
export function spendable(facts: {
  signed: bigint;
  settled: bigint;
  available: bigint;
  capLeft: bigint;
  captured: bigint;
}): bigint {
  const payable = facts.settled + smaller(facts.available, facts.capLeft);
  const limit = smaller(facts.signed, payable);
  return limit > facts.captured ? limit - facts.captured : 0n;
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const voucherFields = (voucher: Voucher): Field[] => fieldsOf(EscrowOp.Voucher, voucher);

const consentFields = (consent: CloseConsent): Field[] => [
  ...fieldsOf(EscrowOp.CloseConsent, consent),
  uint("validUntil", consent.validUntil, 32),
];

function fieldsOf(tag: number, { networkId, escrow, round, cumulative }: Voucher): Field[] {
  return [
    uint("tag", tag, 32),
    int("networkId", networkId, 32),
    ...address("escrow", escrow),
    uint("round", round, 32),
    ...coins("cumulative", cumulative),
  ];
}

async function sign(fields: Field[], key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, await cellHash(fields)));
}

/**
 * Adding the group's order to a signature's scalar gives a twin that some libraries accept and the chain refuses: a provider could
 * never redeem it. RFC 8032 (5.1.7), and with it WebCrypto, refuse it; a test checks Node and Chromium.
 */
async function verify(fields: () => Field[], signature: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  if (signature.length !== 64 || isWeakKey(publicKey)) return false;
  const hash = await hashIfFit(fields);
  if (hash === null) return false;
  const key = await crypto.subtle.importKey("raw", new Uint8Array(publicKey), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, new Uint8Array(signature), hash);
}

/** Null when an amount or a round does not fit its field: such a voucher was never signed. */
async function hashIfFit(fields: () => Field[]): Promise<ArrayBuffer | null> {
  try {
    return await cellHash(fields());
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
