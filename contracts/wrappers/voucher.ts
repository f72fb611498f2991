import { type Address, beginCell, type Builder } from "@ton/core";
import { sign, signVerify } from "@ton/crypto";
import { EscrowOp } from "./escrow-codes.ts";

/**
 * A promise to pay: "this escrow's vault may have `cumulative` nano units in all since the beginning". The newest replaces all older ones.
 * Network, escrow and round make it worthless on another chain, for another person, and after a close.
 */
export interface Voucher {
  networkId: number;
  escrow: Address;
  round: number;
  cumulative: bigint;
}

/** The provider's consent to let the owner out at once, having been paid `cumulative` in all; good until `validUntil`, UNIX seconds. */
export interface CloseConsent extends Voucher {
  validUntil: number;
}

/**
 * The most that may be signed ahead of what was captured, nano units (half a coin): what a provider could take without serving from somebody
 * who signs ahead because a chat has no key at hand.
 */
export const ALLOWANCE_MAX = 500_000_000n;

/** Signs with a session key (Ed25519 secret, 64 bytes as `keyPairFromSeed` returns). Same bytes in Node and in a browser. */
export function signVoucher(voucher: Voucher, secretKey: Buffer): Buffer {
  return sign(voucherHash(voucher), secretKey);
}

/** False for anything that is not this key's signature of exactly this voucher; never throws on a stranger's bytes. */
export function verifyVoucher(voucher: Voucher, signature: Buffer, publicKey: Buffer): boolean {
  return verify(voucher, voucherHash, signature, publicKey);
}

/** Signs with the provider's key. Serve nothing more on vouchers of this round afterwards. */
export function signCloseConsent(consent: CloseConsent, secretKey: Buffer): Buffer {
  return sign(consentHash(consent), secretKey);
}

export function verifyCloseConsent(consent: CloseConsent, signature: Buffer, publicKey: Buffer): boolean {
  return verify(consent, consentHash, signature, publicKey);
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
 * What can still be served on a voucher, nano units: what was signed, no more than the chain would pay now, less what was captured.
 * `available` is the escrow's balance above its reserve (`getSpendable`), `settled` what it has paid, both as of one block.
 */
export function spendable(facts: { signed: bigint; settled: bigint; available: bigint; captured: bigint }): bigint {
  const payable = facts.settled + facts.available;
  const limit = facts.signed < payable ? facts.signed : payable;
  return limit > facts.captured ? limit - facts.captured : 0n;
}

function voucherHash(voucher: Voucher): Buffer {
  return signedPart(EscrowOp.Voucher, voucher).endCell().hash();
}

function consentHash(consent: CloseConsent): Buffer {
  return signedPart(EscrowOp.CloseConsent, consent).storeUint(consent.validUntil, 32).endCell().hash();
}

function signedPart(tag: number, { networkId, escrow, round, cumulative }: Voucher): Builder {
  return beginCell()
    .storeUint(tag, 32)
    .storeInt(networkId, 32)
    .storeAddress(escrow)
    .storeUint(round, 32)
    .storeCoins(cumulative);
}

/** The order of Ed25519's group, L of RFC 8032. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function verify<T>(signed: T, hash: (signed: T) => Buffer, signature: Buffer, publicKey: Buffer): boolean {
  if (signature.length !== 64 || publicKey.length !== 32 || publicKey.every((byte) => byte === 0)) return false;
  if (scalarOf(signature) >= GROUP_ORDER) return false;
  try {
    return signVerify(hash(signed), signature, publicKey);
  } catch {
    return false; // An amount or a round that does not fit its field was never signed.
  }
}

/**
 * The second half of a signature, little-endian. Adding the group's order to it gives a twin that tweetnacl takes and the chain refuses
 * (RFC 8032, 5.1.7): served on a twin, a provider could never redeem.
 */
function scalarOf(signature: Buffer): bigint {
  return BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`);
}
