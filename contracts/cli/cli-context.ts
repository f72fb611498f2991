/** What every command needs: the chain, and whose money it is. */
import type { Address } from "@ton/core";
import { mnemonicToPrivateKey, mnemonicValidate } from "@ton/crypto";
import { TonClient, WalletContractV5R1 } from "@ton/ton";
import { patientAsk } from "../offchain/patience.ts";
import type { Settings } from "./settings.ts";

const WORDS = 24;

export interface CliContext {
  readonly client: TonClient;
  readonly settings: Settings;
  /** Null without TON_MNEMONIC: enough to look. */
  readonly person: Person | null;
  readonly say: (line: string) => void;
}

export interface Person {
  readonly wallet: WalletContractV5R1;
  readonly secretKey: Buffer;
}

export async function openCliContext(settings: Settings, say: (line: string) => void): Promise<CliContext> {
  const { endpoint, apiKey, mnemonic, networkId } = settings;
  const client = new TonClient({ endpoint, httpAdapter: patientAsk(), ...(apiKey ? { apiKey } : {}) });
  return { client, settings, say, person: mnemonic === undefined ? null : await personOf(mnemonic, networkId) };
}

async function personOf(mnemonic: string, networkGlobalId: number): Promise<Person> {
  const words = mnemonic.trim().split(/\s+/);
  if (words.length !== WORDS || !(await mnemonicValidate(words)))
    throw new Error(
      `TON_MNEMONIC must be the ${WORDS} words of a TON wallet, in their order, with spaces between them.`,
    );
  const { publicKey, secretKey } = await mnemonicToPrivateKey(words);
  return { wallet: WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId } }), secretKey };
}

/** Who signs. @throws without TON_MNEMONIC. */
export function signerOf({ person }: CliContext): Person {
  if (!person) throw new Error("Put the 24 words of your wallet into TON_MNEMONIC: this command signs with them.");
  return person;
}

/** Whose account it is: --owner's, or the wallet's. */
export function ownerOf(context: CliContext): Address {
  return context.settings.owner ?? signerOf(context).wallet.address;
}
