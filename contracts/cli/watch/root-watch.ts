/** Verifies a distributor's pending root from its published file, once, and challenges one that lowers a leaf. */
import { compareEpoch } from "../../offchain/compare-epoch.ts";
import { RewardTreeThread } from "../../offchain/reward-tree-thread.ts";
import { describeDecrease, findDecrease } from "../challenge.ts";
import type { Decrease } from "../challenge.ts";
import type { CliContext } from "../cli-context.ts";
import { orderMessage } from "../distributor-order.ts";
import type { DistributorSnapshot } from "../distributor.ts";
import { act } from "./act.ts";
import type { Challenger } from "./challenger.ts";
import type { LeafFiles } from "./leaf-files.ts";
import type { Memory } from "./memory-file.ts";
import type { RootVerdict } from "./root-fact.ts";

/** A root that could not be verified is tried again after this time: its file may come late. */
const RETRY_MS = 600_000;

/** Where published leaf files are found by their SHA-256. */
export type FoundFiles = Pick<LeafFiles, "find" | "forget">;

/** SHA-256 of the leaf files, hex; the current one's may be unknown. */
interface FileHashes {
  pending: string;
  current?: string;
}

export class RootWatch {
  readonly #files: FoundFiles | null;
  readonly #challenger: Challenger;
  #last: { question: string; verdict: RootVerdict; at: number } | null = null;

  /** Without a challenger it is the context's wallet, for everybody's leaves. */
  constructor(context: CliContext, files: FoundFiles | null, challenger?: Challenger) {
    this.#files = files;
    this.#challenger = challenger ?? {
      owners: () => [],
      challenge: async (message) => (await act(context, message)).says,
    };
  }

  /** `known` are the files of earlier roots. Null when no root is pending, or nobody said where files are. */
  async look(seen: DistributorSnapshot, known: Memory["files"]): Promise<RootVerdict | null> {
    const { pending } = seen.data;
    if (!pending || !this.#files) return null;
    // A verdict is of all that was compared: the same root may be proposed again with other terms, or over another root.
    const question = [pending.root, pending.totalCum, pending.dataHash, seen.data.epoch, seen.data.root].join(" ");
    const last = this.#last?.question === question ? this.#last : null;
    if (last && (isGood(last.verdict) || performance.now() < last.at + RETRY_MS)) return last.verdict;
    const { root, dataHash } = seen.data;
    const current = dataHash === 0n ? known[hex(root)] : hex(dataHash);
    const hashes = { pending: hex(pending.dataHash), ...(current && { current }) };
    const verdict = await this.#verify(seen, this.#files, hashes);
    for (const hash of Object.values(hashes)) await this.#files.forget(hash);
    this.#last = { question, verdict, at: performance.now() };
    return verdict;
  }

  async #verify(seen: DistributorSnapshot, files: FoundFiles, hashes: FileHashes): Promise<RootVerdict> {
    const { data, distributor } = seen;
    const opened = await openTree(files, hashes.pending);
    if (!("facts" in opened)) return { kind: "unreadable", why: opened.why };
    await using after = opened;
    const { epoch, size: leaves } = after.facts;
    const findings = compareEpoch(after.facts, { ...data, address: distributor.address.toRawString() });
    // The announced file may be that of a root of before, all of whose findings hold.
    const isPending = rootOf(after) === data.pending?.root;
    findings.push({ holds: isPending, statement: "It is the file of the pending root" });
    if (data.root === 0n || findings.some(({ holds }) => !holds)) return { kind: "checked", epoch, leaves, findings };

    const before = hashes.current
      ? await openTree(files, hashes.current)
      : { why: "the current root's file is not known" };
    if (!("facts" in before)) return { kind: "incomparable", epoch, why: before.why };
    await using current = before;
    if (rootOf(current) !== data.root)
      return { kind: "incomparable", epoch, why: "the current root's file has another root" };
    const decrease = await findDecrease({ before: current, after }, this.#challenger.owners());
    if (!decrease) return { kind: "checked", epoch, leaves, findings };
    const done = data.endorsed
      ? "it is endorsed: only the guardian can stop it"
      : `challenge: ${await this.#challenge(seen, decrease)}`;
    return { kind: "lowers", epoch, decrease: describeDecrease(decrease), done };
  }

  async #challenge(seen: DistributorSnapshot, decrease: Decrease): Promise<string> {
    const { distributor, data } = seen;
    const { root = 0n, activeAt = 0 } = data.pending ?? {};
    const proposal = [distributor.address.toRawString(), data.epoch + 1, hex(root), activeAt].join(" ");
    return this.#challenger.challenge(orderMessage(seen, { body: decrease.body }), { decrease, proposal });
  }
}

function isGood(verdict: RootVerdict): boolean {
  return verdict.kind === "checked" && verdict.findings.every(({ holds }) => holds);
}

/** The tree of a published file, or why there is none. */
async function openTree(files: FoundFiles, hash: string): Promise<RewardTreeThread | { why: string }> {
  try {
    const file = await files.find(hash);
    return file ? await RewardTreeThread.open(file) : { why: `no file has the name ${hash}` };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

const rootOf = ({ facts }: RewardTreeThread): bigint => BigInt(`0x${Buffer.from(facts.root).toString("hex")}`);

const hex = (number: bigint): string => number.toString(16).padStart(64, "0");
