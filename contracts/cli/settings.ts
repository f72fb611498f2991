/** The command line and the environment, read once. */
import { parseArgs } from "node:util";
import { Address } from "@ton/core";
import { LOCAL_NETWORK_ID } from "../chain-config/local-network.ts";
import { ContributorAccountTerms } from "../wrappers/contributor-account-codes.ts";
import { EscrowTerms } from "../wrappers/escrow-codes.ts";
import { spanOf } from "./words.ts";

export const HELP = `npm run ton -- <command> [options]

  wallet                 address and balance of your wallet
  account                stake, unbonding, claimed sum and disputes
  stake <amount>         in TON, as 10 or 0.5
  unbond <amount>        the money is free ${spanOf(ContributorAccountTerms.UNBOND_SECONDS)} later
  withdraw               takes home what is unbonded
  claim <leaf file>      pays out what a published leaf file says was earned
  escrow                 your prepaid balance
  escrow-open <amount>   makes it, for vouchers signed by --context-key
  escrow-top-up <amount> adds to it, or to somebody else's
  escrow-close           asks for it back
  escrow-withdraw        takes it home once the close is ripe, ${spanOf(EscrowTerms.CLOSE_DELAY)} later, for ${spanOf(EscrowTerms.WITHDRAW_WINDOW)}
  escrow-close-together <most>
                         takes it home at once with the provider's --consent, which may take <most>

Options
  --endpoint URL         toncenter v2 JSON-RPC; else TON_ENDPOINT, else npm run chain's
  --network-id=NUMBER    -239 mainnet, -3 testnet; else told by the endpoint's name
  --distributor ADDRESS  the RewardDistributor you stake with; a leaf file names its own
  --owner ADDRESS        whose account or claim it is; else your own wallet's
  --escrow ADDRESS       your escrow, or what its address is made of:
  --vault ADDRESS --provider-key HEX
  --context-key HEX      the public key that signs your vouchers
  --consent FILE         the provider's consent to close, as it sent it

Environment
  TON_MNEMONIC           your wallet's 24 words (a W5 wallet); never printed, never sent
  TON_API_KEY            toncenter's key, if you have one`;

export interface Settings {
  endpoint: string;
  apiKey: string | undefined;
  networkId: number;
  mnemonic: string | undefined;
  distributor: Address | null;
  owner: Address | null;
  escrow: Address | null;
  vault: Address | null;
  providerKey: Buffer | null;
  sessionKey: Buffer | null;
  /** A file's path. */
  consent: string | null;
}

const text = { type: "string" } as const;
const OPTIONS = {
  endpoint: text,
  "network-id": text,
  distributor: text,
  owner: text,
  escrow: text,
  vault: text,
  "provider-key": text,
  "context-key": text,
  consent: text,
  help: { type: "boolean" },
} as const;

export function readSettings(words: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const { values, positionals } = parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  const [command = "help", argument] = positionals;
  if (positionals.length > 2) throw new Error(`One thing at a time: "${positionals[2]}" is too much.\n\n${HELP}`);
  const endpoint = values.endpoint ?? (env.TON_ENDPOINT || "http://127.0.0.1:8081/ton/api/v2/jsonRPC");
  if (!URL.canParse(endpoint)) throw new Error(`--endpoint must be a URL, not "${endpoint}"`);
  const settings: Settings = {
    endpoint,
    apiKey: env.TON_API_KEY || undefined,
    networkId: networkOf(endpoint, values["network-id"]),
    mnemonic: env.TON_MNEMONIC || undefined,
    distributor: addressOf("--distributor", values.distributor),
    owner: addressOf("--owner", values.owner),
    escrow: addressOf("--escrow", values.escrow),
    vault: addressOf("--vault", values.vault),
    providerKey: keyOf("--provider-key", values["provider-key"]),
    sessionKey: keyOf("--context-key", values["context-key"]),
    consent: values.consent ?? null,
  };
  return { command: values.help ? "help" : command, argument, settings };
}

/** A wallet's address and its signatures carry the network's id: with a wrong one the wallet is another, empty one. */
function networkOf(endpoint: string, said: string | undefined): number {
  if (said !== undefined) {
    if (!/^-?\d{1,10}$/.test(said) || Number(said) !== (Number(said) | 0))
      throw new Error("--network-id must be a whole number of 32 bits");
    return Number(said);
  }
  const { hostname } = new URL(endpoint);
  if (["127.0.0.1", "localhost", "[::1]"].includes(hostname)) return LOCAL_NETWORK_ID;
  if (hostname === "toncenter.com") return -239;
  if (hostname === "testnet.toncenter.com") return -3;
  throw new Error(`Which network is at ${hostname}? Say --network-id=-239 for mainnet or --network-id=-3 for testnet.`);
}

function addressOf(option: string, said: string | undefined): Address | null {
  if (said === undefined) return null;
  try {
    const address = Address.parse(said);
    if (address.workChain === 0) return address;
  } catch {
    // Said below.
  }
  throw new Error(`${option} must be a basechain address, not "${said.slice(0, 80)}"`);
}

/** A key of zeros is none: anybody can sign with it, and the contract refuses it. */
function keyOf(option: string, said: string | undefined): Buffer | null {
  if (said === undefined) return null;
  if (!/^[0-9a-f]{64}$/i.test(said) || /^0+$/.test(said))
    throw new Error(`${option} must be an Ed25519 public key: 64 hex digits, not all of them 0`);
  return Buffer.from(said, "hex");
}
