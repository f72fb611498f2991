/** Vouchers signed as a TON library would: the cell by @ton/core, the signature by @ton/crypto. A reference for the wrapper. */
import { Address, beginCell } from "@ton/core";
import type { Builder } from "@ton/core";
import { sign } from "@ton/crypto";
import { EscrowOp } from "../wrappers/escrow-codes.ts";
import type { CloseConsent, Voucher } from "../wrappers/voucher.ts";

export function signVoucherByCore(voucher: Voucher, secretKey: Buffer): Buffer {
  return sign(voucherHash(voucher), secretKey);
}

/** What a session key signs. */
export function voucherHash(voucher: Voucher): Buffer {
  return signedPart(EscrowOp.Voucher, voucher).endCell().hash();
}

export function signConsentByCore(consent: CloseConsent, secretKey: Buffer): Buffer {
  const cell = signedPart(EscrowOp.CloseConsent, consent).storeUint(consent.validUntil, 32).endCell();
  return sign(cell.hash(), secretKey);
}

/** A malleated signature, valid for a verifier that does not require the scalar to be below the order of the group. */
export function twinOf(signature: Uint8Array, times = 1n): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalar = BigInt(`0x${Buffer.from(signature.slice(32)).reverse().toString("hex")}`) + times * order;
  return Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from(scalar.toString(16).padStart(64, "0"), "hex").reverse(),
  ]);
}

function signedPart(tag: number, { networkId, escrow, round, cumulative }: Voucher): Builder {
  return beginCell()
    .storeUint(tag, 32)
    .storeInt(networkId, 32)
    .storeAddress(Address.parseRaw(escrow))
    .storeUint(round, 32)
    .storeCoins(cumulative);
}
