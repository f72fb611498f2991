/**
 * Looks at the pool's roots on the chain itself, whatever the pool says of them, and has one challenged that lowers a leaf of
 * this machine's owner: by the wallet of TON_MNEMONIC, or by a link for another.
 */
import { utimes } from "node:fs/promises";
import type { RootGuard } from "@starai/contracts/root-guard";
import { epochFile, filesHere, listEpochs } from "./epochs.ts";
import type { Finding } from "./finding.ts";
import { RootRecord } from "./root-record.ts";
import type { NamedDistributor } from "./root-record.ts";

export interface ChainGuardOptions {
  home: string;
  /** Where the pool's API is. */
  base: string;
  /** TON_ENDPOINT, TON_API_KEY and TON_MNEMONIC, each as far as it is set. */
  env: Readonly<Record<string, string | undefined>>;
}

export class ChainGuard {
  readonly #options: ChainGuardOptions;
  readonly #record: RootRecord;
  /** By distributor: each remembers the root it has verified. */
  readonly #guards = new Map<string, RootGuard>();

  constructor(options: ChainGuardOptions) {
    this.#options = options;
    this.#record = new RootRecord(options.home, options.base);
  }

  /**
   * What the chain shows for these wallets (raw addresses). `named` is what the pool's newest file names. `hasSeen` is false
   * where no distributor could be looked at: then the pool's own word is all there is.
   */
  async look(
    wallets: readonly string[],
    named: NamedDistributor | null,
  ): Promise<{ hasSeen: boolean; findings: Finding[] }> {
    if (named !== null) await this.#record.name(named);
    const { distributors } = await this.#record.read();
    const findings = named === null ? [] : strangers(named, distributors);
    let hasSeen = false;
    for (const one of distributors) {
      const seen = await this.#lookAt(one, wallets).catch((error: unknown) => (error as Error).message);
      hasSeen ||= typeof seen !== "string";
      findings.push(typeof seen === "string" ? unseen(one, seen) : seen);
    }
    return { hasSeen, findings };
  }

  async #lookAt(named: NamedDistributor, wallets: readonly string[]): Promise<Finding> {
    const guard = await this.#guardOf(named);
    const { says, alarming, current } = await guard.look(wallets, (await this.#record.read()).files);
    await this.#record.addFiles(current);
    // The next root is compared with it: a pool that announces file after file must not push it out, nor hide it by then.
    for (const hash of Object.values(current)) await this.#fileOf(hash).catch(() => null);
    return alarming
      ? { kind: "warning", text: `on the chain, ${says}`, isUrgent: true }
      : { kind: "good", text: `on the chain, ${says}` };
  }

  async #guardOf({ distributor, network: networkId }: NamedDistributor): Promise<RootGuard> {
    const name = `${networkId} ${distributor}`;
    const known = this.#guards.get(name);
    if (known) return known;
    // Loaded only where there is something to look at: it brings a client of the chain.
    const { RootGuard: Guard } = await import("@starai/contracts/root-guard");
    const { env } = this.#options;
    const files = { find: (hash: string) => this.#fileOf(hash), forget: async () => {} };
    const guard = await Guard.open({ distributor, networkId, env, files, record: this.#record });
    this.#guards.set(name, guard);
    return guard;
  }

  /** A leaf file by its hash: one that is here, or the pool's. @throws Error with a sentence where there is none. */
  async #fileOf(hash: string): Promise<string> {
    const { home, base } = this.#options;
    const here = (await filesHere(home, base)).find((path) => path.endsWith(`-${hash}.txt`));
    if (here) {
      // Those that were used last are kept.
      await utimes(here, new Date(), new Date());
      return here;
    }
    const epoch = (await listEpochs(base)).find(({ dataHash }) => dataHash === hash);
    if (epoch) return await epochFile(home, base, epoch);
    throw new Error(`the pool shows no file with the hash ${hash}, which is on the chain: what it shows is another`);
  }
}

/** The first distributor holds what was earned: files for another may hide what happens there. */
function strangers(named: NamedDistributor, [first]: readonly NamedDistributor[]): Finding[] {
  if (first === undefined || first.distributor === named.distributor) return [];
  const text = `the pool's files are of the distributor ${named.distributor} now, and were of ${first.distributor}: claim what is yours there, and ask the operator why`;
  return [{ kind: "warning", text }];
}

const unseen = ({ distributor }: NamedDistributor, why: string): Finding => ({
  kind: "unknown",
  text: `the chain was not asked for the roots of ${distributor}: ${why}`,
});
