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
  withdraw               pays out to your wallet what is unbonded
  claim <leaf file>      pays out what a published leaf file says was earned
  escrow                 your prepaid balance
  escrow-open <amount>   opens it, for vouchers signed by --session-key
  escrow-top-up <amount> adds to it, or to somebody else's
  escrow-close           requests its close
  escrow-withdraw        pays it out to your wallet once the close is ripe, ${spanOf(EscrowTerms.CLOSE_DELAY)} later, for ${spanOf(EscrowTerms.WITHDRAW_WINDOW)}
  escrow-close-together <most>
                         closes it at once with the provider's --consent; the provider may take <most>

Options
  --endpoint URL         toncenter v2 JSON-RPC; else TON_ENDPOINT, else npm run chain's
  --network-id=NUMBER    -239 mainnet, -3 testnet; else derived from the endpoint's name
  --distributor ADDRESS  the RewardDistributor you stake with; a leaf file names its own
  --owner ADDRESS        whose account or claim it is; else your own wallet's
  --escrow ADDRESS       your escrow, or the terms its address is derived from:
  --vault ADDRESS --provider-key HEX
  --session-key HEX      the public key that signs your vouchers
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
  /** Path of the consent file. */
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
  "session-key": text,
  consent: text,
  help: { type: "boolean" },
} as const;

export function readSettings(words: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const { values, positionals } = parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
  const [command = "help", argument] = positionals;
  if (positionals.length > 2) throw new Error(`Unexpected argument "${positionals[2]}".\n\n${HELP}`);
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
    sessionKey: keyOf("--session-key", values["session-key"]),
    consent: values.consent ?? null,
  };
  return { command: values.help ? "help" : command, argument, settings };
}

/** The network's id, which a wallet's address and signatures include: a wrong id gives another, empty wallet. */
function networkOf(endpoint: string, value: string | undefined): number {
  if (value !== undefined) {
    if (!/^-?\d{1,10}$/.test(value) || Number(value) !== (Number(value) | 0))
      throw new Error("--network-id must be a whole number of 32 bits");
    return Number(value);
  }
  const { hostname } = new URL(endpoint);
  if (["127.0.0.1", "localhost", "[::1]"].includes(hostname)) return LOCAL_NETWORK_ID;
  if (hostname === "toncenter.com") return -239;
  if (hostname === "testnet.toncenter.com") return -3;
  throw new Error(
    `Which network is at ${hostname}? Pass --network-id=-239 for mainnet or --network-id=-3 for testnet.`,
  );
}

function addressOf(option: string, value: string | undefined): Address | null {
  if (value === undefined) return null;
  try {
    const address = Address.parse(value);
    if (address.workChain === 0) return address;
  } catch {
    // Reported below.
  }
  throw new Error(`${option} must be a basechain address, not "${value.slice(0, 80)}"`);
}

/** Rejects a key of zeros, with which anybody can sign and which the contract refuses. */
function keyOf(option: string, value: string | undefined): Buffer | null {
  if (value === undefined) return null;
  if (!/^[0-9a-f]{64}$/i.test(value) || /^0+$/.test(value))
    throw new Error(`${option} must be an Ed25519 public key: 64 hex digits, not all of them 0`);
  return Buffer.from(value, "hex");
}
