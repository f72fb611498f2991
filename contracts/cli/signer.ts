/** The wallet of somebody's 24 words: its contract is W5 or v4R2, both at addresses that follow from the key. */
import { internal, SendMode } from "@ton/core";
import type { Cell } from "@ton/core";
import { mnemonicToPrivateKey, mnemonicValidate } from "@ton/crypto";
import { WalletContractV4, WalletContractV5R1 } from "@ton/ton";
import type { OutgoingMessage } from "./outgoing.ts";
import type { Settings, WalletKind } from "./settings.ts";

const WORDS = 24;

export interface Signer {
  readonly wallet: WalletContractV5R1 | WalletContractV4;
  readonly secretKey: Buffer;
}

/** Null without TON_MNEMONIC. @throws when the words are malformed, without repeating them. */
export async function openSigner({ mnemonic, wallet, networkId }: Settings): Promise<Signer | null> {
  if (mnemonic === undefined) return null;
  const words = mnemonic.trim().split(/\s+/);
  if (words.length !== WORDS || !(await mnemonicValidate(words)))
    throw new Error(
      `TON_MNEMONIC must be the ${WORDS} words of a TON wallet, in their order, with spaces between them. A wallet with other words opens a --link.`,
    );
  const { publicKey, secretKey } = await mnemonicToPrivateKey(words);
  return { wallet: walletOf(wallet, publicKey, networkId), secretKey };
}

/** The wallet's id in a W5 address includes the network, the one in a v4 address does not. */
function walletOf(kind: WalletKind, publicKey: Buffer, networkGlobalId: number): Signer["wallet"] {
  return kind === "v4"
    ? WalletContractV4.create({ workchain: 0, publicKey })
    : WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId } });
}

/** The body of the external message that has the wallet send `outgoing`, valid until `timeout`, UNIX seconds. */
export function signed(
  { wallet, secretKey }: Signer,
  { to, value, body, init, bounce = true }: OutgoingMessage,
  { seqno, timeout }: { seqno: number; timeout: number },
): Cell {
  const messages = [internal({ to, value, body, init, bounce })];
  const transfer = { seqno, secretKey, timeout, sendMode: SendMode.PAY_GAS_SEPARATELY, messages };
  return wallet instanceof WalletContractV4 ? wallet.createTransfer(transfer) : wallet.createTransfer(transfer);
}
