/**
 * `worker claim`: has the owner's wallet paid what its leaf holds. The leaf file comes from the pool and is checked, or from
 * this machine's own folder when the pool is gone; everything else is between the wallet and the chain.
 */
import type { WorkerConfig } from "../config.ts";
import { epochFile, filesHere, leafOf, listEpochs, readEpochFile } from "../earnings/epochs.ts";
import { readStanding } from "../earnings/standing-file.ts";
import { shortAddress } from "../earnings/words.ts";
import { exactAmount } from "@starai/protocol/amounts";
import { apiBaseOf } from "../pool-address.ts";
import { knownEndpoint } from "@starai/contracts/offchain/known-endpoint";
import type { Output } from "./pull.ts";

export interface ClaimOptions {
  /** Whose leaf; by default the wallet of this machine's owner. */
  owner?: string | undefined;
  /** A leaf file; by default the pool's newest one that can be claimed. */
  file?: string | undefined;
  /** Further words for `npm run ton -- claim`. */
  chain: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

export async function claim(
  config: WorkerConfig,
  { owner, file, chain }: ClaimOptions,
  { out, env }: { out: Output; env: Variables },
): Promise<void> {
  const say = (line: string) => void out.write(`${line}\n`);
  const wallet = owner ?? (await ownWallet(config));
  const paths = file === undefined ? await claimableFiles(config, say) : [file];
  for (const [at, path] of paths.entries()) {
    try {
      return await claimFrom(path, { wallet, base: apiBaseOf(config.poolUrl), chain, env, say });
    } catch (error) {
      // The newest may be of an epoch that never came to the chain.
      if (at === paths.length - 1) throw error;
      say(`${(error as Error).message} Trying the file before it.`);
    }
  }
}

async function claimFrom(
  path: string,
  {
    wallet,
    base,
    chain,
    env,
    say,
  }: { wallet: string; base: string; chain: readonly string[]; env: Variables; say: (line: string) => void },
): Promise<void> {
  const { Address } = await import("@ton/core");
  const leaves = await readEpochFile(path);
  const leaf = leafOf(leaves, Address.parse(wallet).toRawString());
  say(
    `The file ${path} is of epoch ${leaves.epoch}; the leaf of ${shortAddress(wallet)} is ${exactAmount(leaf)} coins.`,
  );
  if (leaf === 0n)
    throw new Error("It names nothing for this wallet yet: new machines wait for two epochs, and others for the next.");
  // Without the wallet's words nothing can be signed here: then a link is made for the wallet itself.
  const wordsHere = env.TON_MNEMONIC || chain.includes("--link") || chain.includes("--dry-run");
  const asked = chain.includes("--endpoint") || env.TON_ENDPOINT ? null : knownEndpoint(leaves.network, base);
  const endpoint = asked === null ? [] : ["--endpoint", asked];
  const words = ["claim", path, "--owner", wallet, ...chain, ...endpoint, ...(wordsHere ? [] : ["--link"])];
  say(`The same without this worker: npm run ton -- ${words.join(" ")}`);
  const { run } = await import("@starai/contracts/cli");
  await run(words, env, say);
}

/** One that the pool says can be claimed; where it is gone, those that are here, the newest first. Never none. */
async function claimableFiles({ home, poolUrl }: WorkerConfig, say: (line: string) => void): Promise<string[]> {
  const base = apiBaseOf(poolUrl);
  const epochs = await listEpochs(base).catch((error: unknown) => {
    say(`The pool does not tell its epochs: ${(error as Error).message}.`);
    return null;
  });
  const active = epochs?.find(({ state }) => state === "active");
  if (active) return [await epochFile(home, base, active)];
  const [pending] = epochs ?? [];
  if (pending)
    throw new Error(
      `No epoch can be claimed yet: epoch ${pending.number} is ${pending.state}${pending.activeAt ? `, until ${pending.activeAt}` : ""}.`,
    );
  const here = await filesHere(home, base);
  if (here.length > 0) return here;
  throw new Error("There is no leaf file here: get one from anybody who has it, and pass --file <path>.");
}

async function ownWallet({ home, poolUrl }: WorkerConfig): Promise<string> {
  const kept = await readStanding(home, apiBaseOf(poolUrl));
  const wallet = kept?.standing.owner?.wallet ?? kept?.wallets.at(-1);
  if (wallet) return wallet;
  throw new Error("This machine has no owner with a wallet: pair it first, or pass --owner <address>.");
}
