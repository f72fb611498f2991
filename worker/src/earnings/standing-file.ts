/** What each pool last said of whose machine this is, and every wallet that its pay ever went to: the commands read it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { WorkerStanding } from "@starai/protocol/worker-frames";
import { Address } from "@ton/core";
import { z } from "zod";
import { replaceFile } from "../replace-file.ts";

/** Pools and wallets kept; the oldest are dropped. */
const POOLS_MAX = 20;
const WALLETS_MAX = 20;

const KeptStanding = z.object({
  standing: WorkerStanding,
  at: z.iso.datetime(),
  /** Raw addresses, the newest last. */
  wallets: z.array(z.string()),
});
export type KeptStanding = z.infer<typeof KeptStanding>;
const Kept = z.record(z.string(), KeptStanding);

/** @param base  where the pool's API is. Null: it has said nothing yet. */
export async function readStanding(home: string, base: string): Promise<KeptStanding | null> {
  return (await readAll(home))[base] ?? null;
}

export async function keepStanding(home: string, base: string, standing: WorkerStanding): Promise<void> {
  const { [base]: before, ...others } = await readAll(home);
  const named = standing.owner?.wallet ?? null;
  const wallets = rawAddresses([...(before?.wallets ?? []), ...(named === null ? [] : [named])]).slice(-WALLETS_MAX);
  const kept: KeptStanding = { standing, at: new Date().toISOString(), wallets };
  const all = Object.fromEntries([...Object.entries(others).slice(-POOLS_MAX + 1), [base, kept]]);
  await replaceFile(pathIn(home), JSON.stringify(all, null, 2));
}

/** A file that is missing or damaged only means that the pool's next word is waited for. */
async function readAll(home: string): Promise<z.infer<typeof Kept>> {
  try {
    const kept = Kept.parse(JSON.parse(await readFile(pathIn(home), "utf8")));
    return Object.fromEntries(
      Object.entries(kept).map(([base, one]) => [base, { ...one, wallets: rawAddresses(one.wallets) }]),
    );
  } catch {
    return {};
  }
}

/** Each once, where it was named last; a pool names wallets as people write them. What is no address is left out. */
function rawAddresses(wallets: readonly string[]): string[] {
  const raw = wallets.flatMap((wallet) => {
    try {
      return [Address.parse(wallet).toRawString()];
    } catch {
      return [];
    }
  });
  return raw.filter((wallet, at) => raw.lastIndexOf(wallet) === at);
}

const pathIn = (home: string) => join(home, "standing.json");
