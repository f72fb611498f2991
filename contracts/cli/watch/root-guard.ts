/**
 * For the programs of those who have a leaf in a distributor's tree: looks at the root that is on its way, by the chain and not
 * by anybody's word, and stops one that lowers their leaf. `ton watch` does the same for everybody's.
 */
import type { Address } from "@ton/core";
import { LOCAL_NETWORK_ID } from "../../chain-config/local-network.ts";
import { openCliContext } from "../cli-context.ts";
import type { CliContext } from "../cli-context.ts";
import { readDistributor } from "../distributor.ts";
import { linkOf } from "../deliver.ts";
import { describeFailure } from "../failure.ts";
import type { OutgoingMessage } from "../outgoing.ts";
import { parsedAddress, readSettings } from "../settings.ts";
import { act, mayAct } from "./act.ts";
import type { LoweringRoot } from "./challenger.ts";
import { rootFact } from "./root-fact.ts";
import { RootWatch } from "./root-watch.ts";
import type { FoundFiles } from "./root-watch.ts";

/** What was paid for, kept over restarts. */
export interface ChallengeRecord {
  /** Counts a try, before it is made. Returns why it may not be made; null: it may. */
  begin(proposal: string): Promise<string | null>;
  end(proposal: string, how: "done" | "refused"): Promise<void>;
}

export interface RootGuardOptions {
  /** An address. */
  readonly distributor: string;
  readonly networkId: number;
  /** TON_ENDPOINT, TON_API_KEY, and TON_MNEMONIC: the wallet that pays; without it links say what to do. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: FoundFiles;
  readonly record: ChallengeRecord;
}

export interface Seen {
  says: string;
  alarming: boolean;
  /** The current root and the hash of its file, hex: after a revocation the chain does not tell the hash. */
  current: Readonly<Record<string, string>>;
}

const ENDPOINTS = new Map([
  [-239, "https://toncenter.com/api/v2/jsonRPC"],
  [-3, "https://testnet.toncenter.com/api/v2/jsonRPC"],
]);

export class RootGuard {
  readonly #context: CliContext;
  readonly #record: ChallengeRecord;
  readonly #watch: RootWatch;
  #owners: readonly Address[] = [];

  private constructor(context: CliContext, { files, record }: RootGuardOptions) {
    this.#context = context;
    this.#record = record;
    this.#watch = new RootWatch(context, files, {
      owners: () => this.#owners,
      challenge: (message, found) => this.#challenge(message, found),
    });
  }

  /** @throws a sentence for settings that are wrong */
  static async open(options: RootGuardOptions): Promise<RootGuard> {
    const { distributor, networkId, env } = options;
    const endpoint = env.TON_ENDPOINT || ENDPOINTS.get(networkId);
    if (endpoint === undefined && networkId !== LOCAL_NETWORK_ID)
      throw new Error(`Nobody says where the network ${networkId} is: set TON_ENDPOINT to a toncenter API of it.`);
    const words = ["watch", `--network-id=${networkId}`, `--distributor=${distributor}`];
    const { settings } = readSettings(endpoint ? [...words, `--endpoint=${endpoint}`] : words, env);
    return new RootGuard(await openCliContext(settings, () => {}), options);
  }

  /**
   * @param owners  raw addresses @param known  files of earlier roots, by root, both hex
   * @throws a sentence when the chain does not answer
   */
  async look(owners: readonly string[], known: Seen["current"]): Promise<Seen> {
    this.#owners = owners.map((owner) => parsedAddress("A wallet", owner));
    const seen = await readDistributor(this.#context).catch((error: unknown) => {
      throw new Error(describeFailure(error), { cause: error });
    });
    const verdict = await this.#watch.look(seen, known);
    const name = seen.distributor.address.toRawString();
    const { root, dataHash } = seen.data;
    const current = root === 0n || dataHash === 0n ? {} : { [hex(root)]: hex(dataHash) };
    if (verdict === null) return { says: `${name}: no root is on its way`, alarming: false, current };
    const { says, alarming } = rootFact(name, verdict);
    return { says, alarming, current };
  }

  /** Others' leaves are for others to pay for; how is said. */
  async #challenge(message: OutgoingMessage, { decrease, proposal }: LoweringRoot): Promise<string> {
    const isOwn = this.#owners.some((owner) => owner.equals(decrease.owner));
    if (!isOwn || !mayAct(this.#context)) return `open in a wallet: ${linkOf(this.#context, message)}`;
    const why = await this.#record.begin(proposal);
    if (why !== null) return `${why}; to try again open in a wallet: ${linkOf(this.#context, message)}`;
    const { done, refused, says } = await act(this.#context, message);
    if (done || refused) await this.#record.end(proposal, done ? "done" : "refused");
    return says;
  }
}

const hex = (number: bigint): string => number.toString(16).padStart(64, "0");
