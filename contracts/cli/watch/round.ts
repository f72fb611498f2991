/** One look at everything that is watched. */
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
import type { Fact } from "./fact.ts";
import type { LeafFiles } from "./leaf-files.ts";
import { withFiles } from "./memory-file.ts";
import type { Memory } from "./memory-file.ts";
import { CONFIG_PARAMS, networkFacts } from "./network-facts.ts";
import { Redeemer } from "./redeemer.ts";
import { rootFact } from "./root-fact.ts";
import { RootWatch } from "./root-watch.ts";
import { vaultFacts } from "./vault-facts.ts";

/** Prices are voted at most a few times a year. */
const NETWORK_MS = 600_000;

interface Subject {
  /** The first word of its facts' keys. */
  name: string;
  look: () => Promise<Fact[]>;
}

export class Round {
  /** Number of contracts watched. */
  readonly contracts: number;
  /** Leaf files of the roots seen so far. */
  files: Memory["files"];
  readonly #context: CliContext;
  readonly #subjects: readonly Subject[];
  readonly #redeemer: Redeemer | null;
  #vouchers: readonly SignedVoucher[] = [];
  #networkAt = -Infinity;

  constructor(context: CliContext, leafFiles: LeafFiles | null, files: Memory["files"]) {
    const { distributors, vaults, escrows, vouchers } = context.settings.watch;
    this.contracts = distributors.length + vaults.length + escrows.length;
    if (this.contracts === 0) throw new Error("Pass --distributor, --vault or --escrow, each as often as you like.");
    this.#context = context;
    this.files = files;
    this.#redeemer = vouchers === null ? null : new Redeemer(context, vouchers);
    this.#subjects = [
      { name: "network", look: async () => this.#network() },
      { name: "vouchers", look: async () => this.#folder() },
      ...distributors.map((address) => this.#distributor(address, new RootWatch(context, leafFiles))),
      ...vaults.map((address) => this.#vault(address)),
      ...escrows.map((address) => this.#escrow(address)),
    ];
  }

  get names(): ReadonlySet<string> {
    return new Set(["endpoint", ...this.#subjects.map(({ name }) => name)]);
  }

  /** A subject that cannot be read is a fact, too, and keeps no other from being looked at; without an endpoint nothing is. */
  async look(): Promise<{ facts: Fact[]; answered: boolean }> {
    const unanswered = await this.#context.client.getMasterchainInfo().then(
      () => null,
      (error: unknown) => `the endpoint fails: ${describeFailure(error)}`,
    );
    const facts = [{ key: "endpoint", says: unanswered ?? "the endpoint answers", alarming: unanswered !== null }];
    if (unanswered === null) for (const subject of this.#subjects) facts.push(...(await read(subject)));
    return { facts, answered: unanswered === null };
  }

  async #network(): Promise<Fact[]> {
    if (performance.now() < this.#networkAt + NETWORK_MS) return [];
    const params = new Map<(typeof CONFIG_PARAMS)[number], Cell>();
    for (const id of CONFIG_PARAMS) params.set(id, await configParam(this.#context.settings, id));
    this.#networkAt = performance.now();
    return networkFacts(params);
  }

  async #folder(): Promise<Fact[]> {
    if (!this.#redeemer) return [];
    const { vouchers, fact } = await this.#redeemer.vouchers();
    this.#vouchers = vouchers;
    return [fact];
  }

  #distributor(address: Address, roots: RootWatch): Subject {
    const name = address.toString();
    const look = async () => {
      const seen = await readDistributor(this.#at({ distributor: address }));
      const { pending } = seen.data;
      this.files = withFiles(this.files, { ...fileOf(seen.data), ...(pending && fileOf(pending)) });
      const facts = distributorFacts({ address, ...seen });
      const verdict = await roots.look(seen, this.files);
      return verdict ? [...facts, rootFact(name, verdict)] : facts;
    };
    return { name, look };
  }

  #vault(address: Address): Subject {
    const look = async () => vaultFacts({ address, ...(await readVault(this.#at({ vault: address }))) });
    return { name: address.toString(), look };
  }

  #escrow(address: Address): Subject {
    const look = async () => {
      const seen = await readEscrow(this.#at({ escrow: address, vault: null, providerKey: null }));
      const redeemed = (await this.#redeemer?.look(seen, this.#vouchers)) ?? [];
      return [...escrowFacts({ address, ...seen }), ...redeemed];
    };
    return { name: address.toString(), look };
  }

  /** The context of a command line that names this one contract. */
  #at(contract: Partial<CliContext["settings"]>): CliContext {
    return { ...this.#context, settings: { ...this.#context.settings, ...contract } };
  }
}

async function read({ name, look }: Subject): Promise<Fact[]> {
  try {
    return [...(await look()), { key: `${name} reading`, says: `${name} can be read`, alarming: false }];
  } catch (error) {
    return [{ key: `${name} reading`, says: `${name} cannot be read: ${describeFailure(error)}`, alarming: true }];
  }
}

/** After a revocation there is a root whose file the chain no longer names. */
function fileOf({ root, dataHash }: { root: bigint; dataHash: bigint }): Memory["files"] {
  return root === 0n || dataHash === 0n ? {} : { [hex(root)]: hex(dataHash) };
}

const hex = (number: bigint): string => number.toString(16).padStart(64, "0");
