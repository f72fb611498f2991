/** The command line and the environment, read once. */
import { parseArgs } from "node:util";
import { Address } from "@ton/core";
import { LOCAL_NETWORK_ID } from "../chain-config/local-network.ts";
import { isWeakKey } from "../wrappers/session-key.ts";
import { coinsOf } from "./words.ts";

/** What is done with a message: signed and sent, or printed for somebody else's wallet, or only printed. */
export type Delivery = "send" | "link" | "dry-run";

/** Contracts of words of 24 that can sign: W5 (wallet-contract-v5, r1) and v4R2. */
export const WALLETS = ["w5", "v4"] as const;
export type WalletKind = (typeof WALLETS)[number];

export interface Settings {
  endpoint: string;
  apiKey: string | undefined;
  networkId: number;
  mnemonic: string | undefined;
  wallet: WalletKind;
  delivery: Delivery;
  /** The multisig whose order a message becomes. */
  multisig: Address | null;
  distributor: Address | null;
  owner: Address | null;
  escrow: Address | null;
  vault: Address | null;
  providerKey: Buffer | null;
  sessionKey: Buffer | null;
  /** Nano units. */
  dailyCap: bigint | null;
  /** Path of the consent file. */
  consent: string | null;
  dismiss: boolean;
  /** Path of the file to write. */
  out: string | null;
  watch: WatchSettings;
}

export interface WatchSettings {
  distributors: readonly Address[];
  vaults: readonly Address[];
  escrows: readonly Address[];
  /** A folder or the base of a URL. */
  files: string | null;
  /** A folder. */
  vouchers: string | null;
  /** Path of the file that keeps what was said. */
  memory: string;
  once: boolean;
}

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = {
  endpoint: text,
  "network-id": text,
  wallet: text,
  "dry-run": flag,
  link: flag,
  multisig: text,
  distributor: texts,
  owner: text,
  escrow: texts,
  vault: texts,
  "provider-key": text,
  "session-key": text,
  "daily-cap": text,
  consent: text,
  dismiss: flag,
  out: text,
  files: text,
  vouchers: text,
  memory: text,
  once: flag,
  help: flag,
} as const;

type Values = ReturnType<typeof parse>["values"];

const parse = (words: readonly string[]) => parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });

export function readSettings(words: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const { values, positionals } = parse(words);
  const [command = "help", ...args] = positionals;
  const endpoint = values.endpoint ?? (env.TON_ENDPOINT || "http://127.0.0.1:8081/ton/api/v2/jsonRPC");
  if (!URL.canParse(endpoint)) throw new Error(`--endpoint must be a URL, not "${endpoint}"`);
  const watch = watchOf(values);
  const settings: Settings = {
    endpoint,
    apiKey: env.TON_API_KEY || undefined,
    networkId: networkOf(endpoint, values["network-id"]),
    mnemonic: env.TON_MNEMONIC || undefined,
    wallet: walletKindOf(values.wallet),
    delivery: deliveryOf(values),
    multisig: addressOf("--multisig", values.multisig),
    distributor: only("--distributor", command, watch.distributors),
    owner: addressOf("--owner", values.owner),
    escrow: only("--escrow", command, watch.escrows),
    vault: only("--vault", command, watch.vaults),
    providerKey: keyOf("--provider-key", values["provider-key"]),
    sessionKey: keyOf("--session-key", values["session-key"]),
    dailyCap: values["daily-cap"] === undefined ? null : coinsOf("--daily-cap", values["daily-cap"]),
    consent: values.consent ?? null,
    dismiss: values.dismiss ?? false,
    out: values.out ?? null,
    watch,
  };
  return { command: values.help ? "help" : command, args, settings };
}

function watchOf({ distributor = [], vault = [], escrow = [], files, vouchers, memory, once }: Values): WatchSettings {
  return {
    distributors: distributor.map((one) => parsedAddress("--distributor", one)),
    vaults: vault.map((one) => parsedAddress("--vault", one)),
    escrows: escrow.map((one) => parsedAddress("--escrow", one)),
    files: files ?? null,
    vouchers: vouchers ?? null,
    memory: memory ?? "watch-memory.json",
    once: once ?? false,
  };
}

/** Only `watch` looks at several contracts of a kind. */
function only(option: string, command: string, given: readonly Address[]): Address | null {
  if (given.length > 1 && command !== "watch")
    throw new Error(`Pass ${option} once: this command is for one contract.`);
  return given[0] ?? null;
}

function deliveryOf(values: Values): Delivery {
  if (values.link && values["dry-run"]) throw new Error("Pass --link or --dry-run: both print the message in words.");
  if (values.link) return "link";
  return values["dry-run"] ? "dry-run" : "send";
}

function walletKindOf(value: string = "w5"): WalletKind {
  const kind = WALLETS.find((known) => known === value);
  if (!kind) throw new Error(`--wallet must be w5 or v4, not "${value.slice(0, 80)}"; other wallets open a --link.`);
  return kind;
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
  return value === undefined ? null : parsedAddress(option, value);
}

/** `what` names the option or the argument. @throws when it is not an address of the basechain. */
export function parsedAddress(what: string, value: string): Address {
  try {
    const address = Address.parse(value);
    if (address.workChain === 0) return address;
  } catch {
    // Reported below.
  }
  throw new Error(`${what} must be a basechain address, not "${value.slice(0, 80)}"`);
}

/** Rejects a key for which others can sign, too: the contract refuses it. */
function keyOf(option: string, value: string | undefined): Buffer | null {
  if (value === undefined) return null;
  const key = Buffer.from(/^[0-9a-f]{64}$/i.test(value) ? value : "", "hex");
  if (isWeakKey(key))
    throw new Error(`${option} must be an Ed25519 public key of 64 hex digits, for which nobody else can sign`);
  return key;
}
