/**
 * Looks at contracts again and again, says what changes, stops a root that takes earnings away and redeems vouchers. Anybody can
 * run it, beside our own servers or against them: it asks the chain and the published files only.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Address, Cell } from "@ton/core";
import { configParam } from "../../offchain/toncenter.ts";
import type { SignedVoucher } from "../../offchain/voucher-file.ts";
import type { CliContext } from "../cli-context.ts";
import { readDistributor } from "../distributor.ts";
import { readEscrow } from "../escrow.ts";
import { describeFailure } from "../failure.ts";
import { readVault } from "../vault.ts";
import { distributorFacts } from "./distributor-facts.ts";
import { escrowFacts } from "./escrow-facts.ts";
import { news } from "./fact.ts";
import type { Fact } from "./fact.ts";
import { LeafFiles } from "./leaf-files.ts";
import { readMemory, writeMemory } from "./memory-file.ts";
import type { Memory } from "./memory-file.ts";
import { CONFIG_PARAMS, networkFacts } from "./network-facts.ts";
import { pauseMs } from "./pause.ts";
import { Redeemer } from "./redeemer.ts";
import { rootFact } from "./root-fact.ts";
import { RootWatch } from "./root-watch.ts";
import { vaultFacts } from "./vault-facts.ts";

export async function watch(context: CliContext): Promise<void> {
  const { files, memory: memoryFile, once, ...watched } = context.settings.watch;
  const subjects = [...watched.distributors, ...watched.vaults, ...watched.escrows];
  if (subjects.length === 0) throw new Error("Pass --distributor, --vault or --escrow, each as often as you like.");
  context.say(`Watching ${subjects.length} contracts; ${context.signer ? "acting" : "saying links"} where it must.`);
  await using leafFiles = files === null ? null : new LeafFiles(files);
  const round = new Round(context, leafFiles);
  let memory = await readMemory(memoryFile);
  for (let failures = 0; ;) {
    const seen = await round.look(memory);
    const told = news(seen.facts, memory.said);
    for (const line of told.lines) context.say(line);
    memory = { said: told.said, files: seen.files };
    await writeMemory(memoryFile, memory);
    if (once) return;
    failures = seen.answered ? 0 : failures + 1;
    await sleep(pauseMs(failures));
  }
}

interface Seen {
  facts: Fact[];
  files: Memory["files"];
  /** False when the endpoint does not answer. */
  answered: boolean;
}

/** One look at everything. A contract that cannot be read is a fact, too, and does not keep the others from being looked at. */
class Round {
  readonly #context: CliContext;
  readonly #roots: ReadonlyMap<string, RootWatch>;
  readonly #redeemer: Redeemer | null;

  constructor(context: CliContext, files: LeafFiles | null) {
    const { distributors, vouchers } = context.settings.watch;
    this.#context = context;
    this.#roots = new Map(distributors.map((address) => [address.toRawString(), new RootWatch(context, files)]));
    this.#redeemer = vouchers === null ? null : new Redeemer(context, vouchers);
  }

  async look({ files }: Memory): Promise<Seen> {
    const { settings, client } = this.#context;
    try {
      await client.getMasterchainInfo();
    } catch (error) {
      const fact = { key: "endpoint", says: `the endpoint fails: ${describeFailure(error)}`, alarming: true };
      return { facts: [fact], files, answered: false };
    }
    const { distributors, vaults, escrows } = settings.watch;
    const facts: Fact[] = [{ key: "endpoint", says: "the endpoint answers", alarming: false }];
    facts.push(...(await this.#safely("network", async () => this.#network())));
    let known = files;
    for (const address of distributors)
      facts.push(
        ...(await this.#safely(address.toString(), async () => {
          const looked = await this.#distributor(address, known);
          known = looked.files;
          return looked.facts;
        })),
      );
    for (const address of vaults)
      facts.push(...(await this.#safely(address.toString(), async () => this.#vault(address))));
    const vouchers = escrows.length > 0 ? await this.#vouchers(facts) : [];
    for (const address of escrows)
      facts.push(...(await this.#safely(address.toString(), async () => this.#escrow(address, vouchers))));
    return { facts, files: known, answered: true };
  }

  async #safely(name: string, look: () => Promise<Fact[]>): Promise<Fact[]> {
    try {
      return [...(await look()), { key: `${name} reading`, says: `${name} can be read`, alarming: false }];
    } catch (error) {
      return [{ key: `${name} reading`, says: `${name} cannot be read: ${describeFailure(error)}`, alarming: true }];
    }
  }

  async #network(): Promise<Fact[]> {
    const params = new Map<(typeof CONFIG_PARAMS)[number], Cell>();
    for (const id of CONFIG_PARAMS) params.set(id, await configParam(this.#context.settings, id));
    return networkFacts(params);
  }

  async #distributor(address: Address, known: Memory["files"]): Promise<{ facts: Fact[]; files: Memory["files"] }> {
    const seen = await readDistributor(this.#at({ distributor: address }));
    const { pending, root, dataHash } = seen.data;
    const files = { ...known, ...fileOf({ root, dataHash }), ...(pending && fileOf(pending)) };
    const verdict = await this.#roots.get(address.toRawString())!.look(seen, files);
    const facts = distributorFacts({ address, ...seen });
    return { facts: verdict ? [...facts, rootFact(address.toString(), verdict)] : facts, files };
  }

  async #vault(address: Address): Promise<Fact[]> {
    const { state } = await readVault(this.#at({ vault: address }));
    return vaultFacts({ address, state });
  }

  async #escrow(address: Address, vouchers: readonly SignedVoucher[]): Promise<Fact[]> {
    const seen = await readEscrow(this.#at({ escrow: address, vault: null, providerKey: null }));
    const redeemed = (await this.#redeemer?.look(seen, vouchers)) ?? [];
    return [...escrowFacts({ address, state: seen.state }), ...redeemed];
  }

  async #vouchers(facts: Fact[]): Promise<SignedVoucher[]> {
    const read: SignedVoucher[] = [];
    facts.push(
      ...(await this.#safely("vouchers' folder", async () => {
        const folder = await this.#redeemer?.vouchers();
        read.push(...(folder?.vouchers ?? []));
        return folder ? [folder.fact] : [];
      })),
    );
    return read;
  }

  /** The context of a command line that names this one contract. */
  #at(contract: Partial<CliContext["settings"]>): CliContext {
    return { ...this.#context, settings: { ...this.#context.settings, ...contract } };
  }
}

/** After a revocation there is a root whose file the chain no longer names. */
function fileOf({ root, dataHash }: { root: bigint; dataHash: bigint }): Memory["files"] {
  return root === 0n || dataHash === 0n ? {} : { [hex(root)]: hex(dataHash) };
}

const hex = (number: bigint): string => number.toString(16).padStart(64, "0");
