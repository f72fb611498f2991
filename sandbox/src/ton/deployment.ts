/**
 * StarAI's contracts on this chain: deployed once, by the same function as on any network, and recorded beside it. A contract
 * never changes its code, so a checkout with other contracts deploys its own beside those that are there, which keep their money.
 */
import fs from "node:fs";
import path from "node:path";
import { Address } from "@ton/core";
import { z } from "zod";

const Raw = z.string().transform((text) => Address.parse(text));
const Network = z.object({ networkId: z.number().int() });
const FirstEdition = z.object({ vault: Raw, distributor: Raw });
const Deployed = Network.extend({ deposits: Raw, till: Raw, refunds: Raw, distributor: Raw });
/** In the order in which people read them. */
export const DEPLOYED = ["deposits", "till", "refunds", "distributor"] as const;
const Kept = z.union([
  Deployed.extend({ firstEdition: FirstEdition.nullable().default(null) }),
  // As the first edition wrote it.
  Network.extend(FirstEdition.shape).transform(({ vault, distributor }) => ({ firstEdition: { vault, distributor } })),
]);

export type Deployment = z.output<typeof Deployed>;
/** The contracts of before the second edition: one vault for everything. */
export type FirstEdition = z.output<typeof FirstEdition>;

export interface KeptDeployment {
  /** Null before this edition's contracts are deployed. */
  readonly deployment: Deployment | null;
  /** Null on a chain that never had them. */
  readonly firstEdition: FirstEdition | null;
}

const fileIn = (folder: string) => path.join(folder, "deployment.json");

/** @throws when the file is damaged */
export function readKept(folder: string): KeptDeployment {
  const file = fileIn(folder);
  if (!fs.existsSync(file)) return { deployment: null, firstEdition: null };
  try {
    const { firstEdition, ...deployment } = Kept.parse(JSON.parse(fs.readFileSync(file, "utf8")));
    return { deployment: "deposits" in deployment ? deployment : null, firstEdition };
  } catch (error) {
    throw new Error(`${file} is damaged. Put a copy in its place, or move its folder away to begin a new chain.`, {
      cause: error,
    });
  }
}

/** Null before the contracts are deployed. @throws when the file is damaged */
export function readDeployment(folder: string): Deployment | null {
  return readKept(folder).deployment;
}

/** Keeps what the file says about the first edition. */
export function keepDeployment(folder: string, { networkId, ...contracts }: Deployment): void {
  const { firstEdition } = readKept(folder);
  const kept = { networkId, ...rawly(contracts), ...(firstEdition ? { firstEdition: rawly(firstEdition) } : {}) };
  // Written to a temporary file and renamed, so that a kill leaves either no file or a whole one.
  fs.writeFileSync(`${fileIn(folder)}.new`, JSON.stringify(kept, null, 2), { mode: 0o600, flush: true });
  fs.renameSync(`${fileIn(folder)}.new`, fileIn(folder));
}

/** What a person who opens a chain with contracts of the first edition is told; null on any other chain. */
export function firstEditionNotice(folder: string): string | null {
  const { firstEdition } = readKept(folder);
  if (!firstEdition) return null;
  const { vault, distributor } = firstEdition;
  return `This chain has contracts of the first edition: vault ${vault.toString()}, distributor ${distributor.toString()}. Their code can never change and they keep what they hold: use them with the tools of the checkout that deployed them. This checkout's own contracts are beside them.`;
}

function rawly(contracts: Readonly<Record<string, Address>>): Record<string, string> {
  return Object.fromEntries(Object.entries(contracts).map(([name, address]) => [name, address.toRawString()]));
}
