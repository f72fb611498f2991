/** Names of known accounts on this chain, and of the contracts whose code an account runs. */
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Address, Cell } from "@ton/core";
import type { ShardAccount } from "@ton/core";
import { z } from "zod";
import { WalletContractV4, WalletContractV5R1 } from "@ton/ton";
import type { RoleWallets } from "../roles.ts";

const ARTEFACTS = fileURLToPath(new URL("../../../../contracts/artefacts", import.meta.url));
const Artefact = z.object({ code: z.string() });

export interface Party {
  /** Friendly form. */
  readonly address: string;
  /** The account's name, or null. */
  readonly name: string | null;
}

export class Names {
  readonly #names = new Map<string, string>();
  readonly #codes = codeNames();
  readonly #deployed: () => ReadonlyMap<string, string>;

  /** `deployed` returns StarAI's contracts by raw address; called each time, as they appear while the chain runs. */
  constructor(roles: RoleWallets, deployed: () => ReadonlyMap<string, string>) {
    for (const [role, { wallet }] of Object.entries(roles)) this.#names.set(wallet.address.toRawString(), role);
    this.#deployed = deployed;
  }

  party(address: Address | string): Party {
    const parsed = typeof address === "string" ? Address.parse(address) : address;
    const raw = parsed.toRawString();
    return { address: parsed.toString(), name: this.#deployed().get(raw) ?? this.#names.get(raw) ?? null };
  }

  /** Raw addresses with a name, those of StarAI's contracts first. */
  get known(): { address: string; name: string }[] {
    return [...this.#deployed(), ...this.#names].map(([address, name]) => ({ address, name }));
  }

  /** `RewardDistributor`, `W5 wallet` and so on; null for unknown code. */
  contractOf({ account }: ShardAccount): string | null {
    const state = account?.storage.state;
    if (state?.type !== "active" || !state.state.code) return null;
    return this.#codes.get(state.state.code.hash().toString("hex")) ?? null;
  }
}

function codeNames(): Map<string, string> {
  const publicKey = Buffer.alloc(32);
  const codes = new Map([
    [hashOf(WalletContractV4.create({ workchain: 0, publicKey }).init.code), "V4 wallet"],
    [hashOf(WalletContractV5R1.create({ publicKey }).init.code), "W5 wallet"],
  ]);
  for (const file of fs.existsSync(ARTEFACTS) ? fs.readdirSync(ARTEFACTS) : []) {
    const artefact = Artefact.safeParse(JSON.parse(fs.readFileSync(path.join(ARTEFACTS, file), "utf8")));
    if (artefact.success) codes.set(hashOf(Cell.fromBase64(artefact.data.code)), path.basename(file, ".json"));
  }
  return codes;
}

function hashOf(cell: Cell): string {
  return cell.hash().toString("hex");
}
