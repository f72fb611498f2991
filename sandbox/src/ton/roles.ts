/** Keys of the sandbox's own accounts, created once and kept in the data folder, readable by their owner only. */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { keyPairFromSeed } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";
import { z } from "zod";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { makePrivateFolder } from "../private-folder.ts";

export const ROLES = ["faucet", "publisher", "guardian", "treasury", "operator", "contributor"] as const;
/** They came later: old files get a seed when they are opened. */
const LATER: ReadonlySet<string> = new Set<(typeof ROLES)[number]>(["contributor"]);
export type Role = (typeof ROLES)[number];

const Seed = z.string().regex(/^[0-9a-f]{64}$/);
const Seeds = z.object(Object.fromEntries(ROLES.map((role) => [role, LATER.has(role) ? Seed.optional() : Seed])));

export interface RoleWallet {
  readonly wallet: WalletContractV5R1;
  readonly secretKey: Buffer;
}
export type RoleWallets = Readonly<Record<Role, RoleWallet>>;

/** @throws when the file exists but holds no valid keys, since new ones would lose the accounts' money */
export function loadRoles(folder: string): RoleWallets {
  const file = path.join(folder, "roles.json");
  const kept = fs.existsSync(file) ? readSeeds(file) : {};
  const missing = ROLES.filter((role) => kept[role] === undefined);
  const seeds = { ...kept, ...newSeeds(missing) } as Record<Role, string>;
  if (missing.length > 0) writeSeeds(file, seeds);
  return Object.fromEntries(ROLES.map((role) => [role, walletOf(seeds[role])])) as unknown as RoleWallets;
}

/** The W5 wallet of a 32-byte seed, hex, on this machine's network. */
export function walletOf(seed: string): RoleWallet {
  const { publicKey, secretKey } = keyPairFromSeed(Buffer.from(seed, "hex"));
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: LOCAL_NETWORK_ID } });
  return { wallet, secretKey };
}

function readSeeds(file: string): Partial<Record<Role, string>> {
  try {
    return Seeds.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch (error) {
    throw new Error(`${file} is damaged. Put a copy in its place, or move its folder away to begin a new chain.`, {
      cause: error,
    });
  }
}

function newSeeds(roles: readonly Role[]): Partial<Record<Role, string>> {
  return Object.fromEntries(roles.map((role) => [role, randomBytes(32).toString("hex")]));
}

function writeSeeds(file: string, seeds: Record<Role, string>): void {
  makePrivateFolder(path.dirname(file));
  // Written to a temporary file and renamed, so that a kill leaves what was there before, or a whole new file.
  fs.writeFileSync(`${file}.new`, JSON.stringify(seeds, null, 2), { mode: 0o600, flush: true });
  fs.renameSync(`${file}.new`, file);
}
