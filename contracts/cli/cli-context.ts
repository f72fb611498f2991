/** What every command needs: a client of the chain, the settings and the signing wallet. */
import type { Address } from "@ton/core";
import { TonClient } from "@ton/ton";
import { retryingAdapter } from "../offchain/retrying-adapter.ts";
import type { Settings } from "./settings.ts";
import { openSigner } from "./signer.ts";
import type { Signer } from "./signer.ts";

export interface CliContext {
  readonly client: TonClient;
  readonly settings: Settings;
  /** Null without TON_MNEMONIC; commands that only read or print need none. */
  readonly signer: Signer | null;
  readonly say: (line: string) => void;
}

export async function openCliContext(settings: Settings, say: (line: string) => void): Promise<CliContext> {
  const { endpoint, apiKey } = settings;
  const client = new TonClient({ endpoint, httpAdapter: retryingAdapter(), ...(apiKey ? { apiKey } : {}) });
  return { client, settings, say, signer: await openSigner(settings) };
}

/** The wallet that signs. @throws without TON_MNEMONIC. */
export function signerOf({ signer }: CliContext): Signer {
  if (!signer)
    throw new Error(
      "Put the 24 words of your wallet into TON_MNEMONIC: this command signs with them. Or pass --link, and open the link in any wallet.",
    );
  return signer;
}

/** Whose account it is: the multisig's, or --owner's, or else the wallet's. @throws when nobody is named. */
export function ownerOf(context: CliContext): Address {
  const { multisig, owner } = context.settings;
  return multisig ?? owner ?? walletOf(context);
}

/** Whose message it is: the multisig's, or else the wallet's. @throws when nobody is named. */
export function senderOf(context: CliContext): Address {
  return context.settings.multisig ?? walletOf(context);
}

/** The wallet that sends: the signing one, or for a printed message --owner. @throws when nobody is named. */
export function walletOf(context: CliContext): Address {
  const { settings, signer } = context;
  if (settings.delivery === "send") return signerOf(context).wallet.address;
  const wallet = settings.owner ?? signer?.wallet.address;
  if (!wallet) throw new Error("Pass --owner with the address of the wallet that will send it.");
  return wallet;
}
