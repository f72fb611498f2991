/** Wallets whose code is known and cannot change their key, so that the key in their StateInit is theirs for good. */
import type { StateInit } from "@ton/core";
import {
  WalletContractV1R1,
  WalletContractV1R2,
  WalletContractV1R3,
  WalletContractV2R1,
  WalletContractV2R2,
  WalletContractV3R1,
  WalletContractV3R2,
  WalletContractV4,
  WalletContractV5R1,
} from "@ton/ton";

interface KnownWallet {
  wallet: { create(args: { workchain: number; publicKey: Buffer }): { init: { code: StateInit["code"] } } };
  /** Where its data has the key, bits. */
  keyAt: number;
  /** Whether it has the get-method `get_public_key`. */
  tellsItsKey: boolean;
}

const SEQNO = 32;
const SUBWALLET = 32;
/** Whether signatures are allowed; only W5 has it, in front. */
const SIGNS = 1;

const KNOWN: readonly KnownWallet[] = [
  { wallet: WalletContractV1R1, keyAt: SEQNO, tellsItsKey: false },
  { wallet: WalletContractV1R2, keyAt: SEQNO, tellsItsKey: false },
  { wallet: WalletContractV1R3, keyAt: SEQNO, tellsItsKey: true },
  { wallet: WalletContractV2R1, keyAt: SEQNO, tellsItsKey: false },
  { wallet: WalletContractV2R2, keyAt: SEQNO, tellsItsKey: true },
  { wallet: WalletContractV3R1, keyAt: SEQNO + SUBWALLET, tellsItsKey: false },
  { wallet: WalletContractV3R2, keyAt: SEQNO + SUBWALLET, tellsItsKey: true },
  { wallet: WalletContractV4, keyAt: SEQNO + SUBWALLET, tellsItsKey: true },
  { wallet: WalletContractV5R1, keyAt: SIGNS + SEQNO + SUBWALLET, tellsItsKey: true },
];

export interface WalletKey {
  publicKey: Buffer;
  /** False for a W5 that was made for an extension alone. */
  signs: boolean;
  /** Whether it tells its key by `get_public_key` once it is deployed. */
  tellsItsKey: boolean;
}

/** Null for code that is not known, or data that is too short. */
export function knownWalletKey({ code, data }: StateInit): WalletKey | null {
  const known = code && data && byCodeHash().get(code.hash().toString("hex"));
  if (!known || data.isExotic || data.bits.length < known.keyAt + 256) return null;
  const slice = data.beginParse();
  const signs = known.wallet !== WalletContractV5R1 || slice.preloadBit();
  return { signs, tellsItsKey: known.tellsItsKey, publicKey: slice.skip(known.keyAt).loadBuffer(32) };
}

let codes: Map<string, KnownWallet> | undefined;

/** Made once, when first asked: @ton/ton has each code only inside a wallet of somebody. */
function byCodeHash(): ReadonlyMap<string, KnownWallet> {
  const nobody = { workchain: 0, publicKey: Buffer.alloc(32) };
  codes ??= new Map(KNOWN.map((each) => [each.wallet.create(nobody).init.code!.hash().toString("hex"), each]));
  return codes;
}
