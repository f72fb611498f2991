/** The dev wallet's accounts: W5 wallets whose keys are made on first use and never leave this process and its folder. */
import { randomBytes } from "node:crypto";
import { Address } from "@ton/core";
import { z } from "zod";
import { walletOf } from "../ton/roles.ts";
import type { RoleWallet } from "../ton/roles.ts";
import { readFileAs, writePrivately } from "./kept-file.ts";

const Seeds = z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1);

/** Two at first, so that "bound to somebody else" can be played at once. */
const FIRST_ACCOUNTS = 2;
/** As many people as one machine is likely to play. */
const ACCOUNTS_MAX = 40;

export class Accounts {
  readonly #file: string;
  readonly #seeds: string[];
  readonly #wallets: RoleWallet[];

  /** Makes the first accounts when there is no file. @throws when the file is damaged: new keys would lose the money */
  constructor(file: string) {
    this.#file = file;
    const kept = readFileAs(file, Seeds);
    this.#seeds = kept ?? Array.from({ length: FIRST_ACCOUNTS }, newSeed);
    this.#wallets = this.#seeds.map(walletOf);
    if (!kept) writePrivately(file, this.#seeds);
  }

  /** In the order in which they were made. */
  get all(): readonly RoleWallet[] {
    return this.#wallets;
  }

  find(address: string): RoleWallet | null {
    const wanted = Address.parse(address);
    return this.#wallets.find(({ wallet }) => wallet.address.equals(wanted)) ?? null;
  }

  /** Whether there was room for another. */
  add(): boolean {
    if (this.#seeds.length >= ACCOUNTS_MAX) return false;
    const seed = newSeed();
    writePrivately(this.#file, [...this.#seeds, seed]);
    this.#seeds.push(seed);
    this.#wallets.push(walletOf(seed));
    return true;
  }
}

/** A key that no account has, as a wallet holds after its owner changed it. */
export function strangeKey(): Pick<RoleWallet, "secretKey"> & { publicKey: Buffer } {
  const { wallet, secretKey } = walletOf(newSeed());
  return { secretKey, publicKey: wallet.publicKey };
}

function newSeed(): string {
  return randomBytes(32).toString("hex");
}
