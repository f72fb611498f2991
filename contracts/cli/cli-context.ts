/** What every command needs: a client of the chain, the settings and the signing wallet. */
import type { Address } from "@ton/core";
import { mnemonicToPrivateKey, mnemonicValidate } from "@ton/crypto";
import { TonClient, WalletContractV5R1 } from "@ton/ton";
import { retryingAdapter } from "../offchain/retrying-adapter.ts";
import type { Settings } from "./settings.ts";

const WORDS = 24;

export interface CliContext {
  readonly client: TonClient;
  readonly settings: Settings;
  /** Null without TON_MNEMONIC; commands that only read need none. */
  readonly signer: Signer | null;
  readonly say: (line: string) => void;
}

export interface Signer {
  readonly wallet: WalletContractV5R1;
  readonly secretKey: Buffer;
}

export async function openCliContext(settings: Settings, say: (line: string) => void): Promise<CliContext> {
  const { endpoint, apiKey, mnemonic, networkId } = settings;
  const client = new TonClient({ endpoint, httpAdapter: retryingAdapter(), ...(apiKey ? { apiKey } : {}) });
  return { client, settings, say, signer: mnemonic === undefined ? null : await signerFrom(mnemonic, networkId) };
}

async function signerFrom(mnemonic: string, networkGlobalId: number): Promise<Signer> {
  const words = mnemonic.trim().split(/\s+/);
  if (words.length !== WORDS || !(await mnemonicValidate(words)))
    throw new Error(
      `TON_MNEMONIC must be the ${WORDS} words of a TON wallet, in their order, with spaces between them.`,
    );
  const { publicKey, secretKey } = await mnemonicToPrivateKey(words);
  return { wallet: WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId } }), secretKey };
}

/** The wallet that signs. @throws without TON_MNEMONIC. */
export function signerOf({ signer }: CliContext): Signer {
  if (!signer) throw new Error("Put the 24 words of your wallet into TON_MNEMONIC: this command signs with them.");
  return signer;
}

/** The owner of the account: --owner, or else the signing wallet. @throws without either. */
export function ownerOf(context: CliContext): Address {
  return context.settings.owner ?? signerOf(context).wallet.address;
}
