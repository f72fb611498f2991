/**
 * Compares what the pool signed for this machine with what it published for its owner's wallets. A leaf is everything ever
 * earned, so it may never be lower than the notes, nor lower than before.
 */
import type { LeafFile } from "@starai/contracts/offchain/leaf-file";
import { RewardTreeThread } from "@starai/contracts/offchain/reward-tree-thread";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import type { EpochView } from "@starai/protocol/contributor";
import { exactAmount } from "@starai/protocol/amounts";
import type { ChainGuard } from "./chain-guard.ts";
import { epochFile, leafOf, listEpochs, readEpochFile } from "./epochs.ts";
import type { Finding } from "./finding.ts";
import { readStanding } from "./standing-file.ts";
import type { KeptStanding } from "./standing-file.ts";
import { sumNotes } from "./sum-notes.ts";
import { shortAddress } from "./words.ts";

/** A note at the very end of an epoch may count for the next. */
const EDGE_MS = 60_000;

export interface AuditOptions {
  signal?: AbortSignal;
  /** Also rebuilds the newest file's tree, which takes seconds for a million leaves. */
  rebuilds?: boolean;
  /** Looks at roots on the chain; without it the pool's word is all there is. */
  guard?: ChainGuard | undefined;
}

/** Downloads the leaf files that are missing. @throws when this machine's own files cannot be read. */
export async function audit(
  home: string,
  base: string,
  { signal, rebuilds = false, guard }: AuditOptions = {},
): Promise<Finding[]> {
  const epochs = await listEpochs(base, signal).catch((error: unknown) => (error as Error).message);
  const kept = await readStanding(home, base);
  const wallets = kept?.wallets ?? [];
  const files = new LeafFiles(home, base);
  const newest = typeof epochs === "string" ? undefined : epochs.find(({ state }) => state !== "dropped");
  const named = newest && wallets.length > 0 ? await files.of(newest) : "";
  // Also where the pool tells nothing any more: what is on the chain concerns whoever earned here.
  const onChain =
    wallets.length > 0 ? await lookAtChain(guard, wallets, typeof named === "string" ? null : named) : null;
  const seen = onChain?.findings ?? [];
  if (typeof epochs === "string") return [unknown(`the pool does not publish its epochs: ${epochs}`), ...seen];
  if (newest === undefined) return [unknown("no epoch is closed yet: there is nothing to compare"), ...seen];
  if (kept === null || wallets.length === 0)
    return [unknown("this machine has had no owner with a wallet yet: no leaf holds its pay")];
  return [
    ...(rebuilds ? await rebuildRoot(newest, files) : []),
    ...(await compareNotes({ home, base, newest, kept, epochs, files })),
    ...(onChain?.hasSeen ? [] : await compareLeaves(epochs, kept, files)),
    ...seen,
  ];
}

/** What cannot be looked at there, as for a record that is damaged, keeps nothing else from being compared. */
async function lookAtChain(
  guard: ChainGuard | undefined,
  wallets: readonly string[],
  file: { leaves: LeafFile } | null,
) {
  return await guard?.look(wallets, file?.leaves ?? null).catch((error: unknown) => {
    const text = `the roots on the chain cannot be looked at: ${(error as Error).message}`;
    return { hasSeen: false, findings: [{ kind: "warning", text } satisfies Finding] };
  });
}

/** Whether the file's own tree has the root that was announced; `verify-epoch` asks the chain for it. */
async function rebuildRoot(epoch: EpochView, files: LeafFiles): Promise<Finding[]> {
  const file = await files.of(epoch);
  if (typeof file === "string") return [];
  await using tree = await RewardTreeThread.open(file.path);
  const isSame = Buffer.from(tree.facts.root).toString("hex") === epoch.root;
  const words = `the leaves of epoch ${epoch.number} ${isSame ? "have the root that the pool announced" : "do NOT have the root that the pool announced: tell the operator"}`;
  return [{ kind: isSame ? "good" : "warning", text: words }];
}

interface Compared {
  home: string;
  base: string;
  newest: EpochView;
  kept: KeptStanding;
  epochs: readonly EpochView[];
  files: LeafFiles;
}

async function compareNotes({ home, base, newest, kept, epochs, files }: Compared): Promise<Finding[]> {
  const edges = epochs.map((epoch) => ({
    ...epoch,
    closedAt: new Date(Date.parse(epoch.closedAt) - EDGE_MS).toISOString(),
  }));
  const { sums, faults } = await sumNotes(home, base, edges);
  const found = faults.map((fault): Finding => ({ kind: "warning", text: `a kept note is wrong: ${fault}` }));
  const closed = sums.filter(({ epoch }) => epoch !== null && epoch <= newest.number);
  const noted = closed.reduce((sum, { coin }) => sum + coin.amount, 0n);
  const file = await files.of(newest);
  if (typeof file === "string") return [...found, { kind: "warning", text: file }];
  const leaves = kept.wallets.reduce((sum, wallet) => sum + leafOf(file.leaves, wallet), 0n);
  const words =
    `until the end of epoch ${newest.number} the notes of this machine add up to ${exactAmount(noted)} coins, ` +
    `and the leaf of its owner to ${exactAmount(leaves)}`;
  if (leaves >= noted) return [...found, { kind: "good", text: words }];
  const { heldUntilEpoch } = kept.standing;
  // The pool's word alone cannot let it wait for longer than the rule does, counted from the first note.
  const first = closed.find(({ coin, stars }) => coin.notes + stars.notes > 0)?.epoch ?? newest.number;
  if (heldUntilEpoch !== null && heldUntilEpoch >= newest.number && newest.number < first + EARNING_TERMS.heldEpochs)
    return [...found, unknown(`${words}: its pay waits until epoch ${heldUntilEpoch} is closed`)];
  const missing = exactAmount(noted - leaves);
  return [
    ...found,
    {
      kind: "warning",
      text: `${words}: ${missing} coins are missing. Where you did not choose to be paid by a message, or paired it since, show your notes to the operator: they are signed`,
    },
  ];
}

/** Whether the root that is on its way takes something away. */
async function compareLeaves(epochs: readonly EpochView[], kept: KeptStanding, files: LeafFiles): Promise<Finding[]> {
  const current = epochs.find(({ state }) => state === "active");
  const pending = epochs.find(({ state }) => state === "proposed");
  if (current === undefined || pending === undefined) return [];
  const [before, after] = [await files.of(current), await files.of(pending)];
  const fault = [before, after].find((file) => typeof file === "string");
  if (typeof before === "string" || typeof after === "string") return [{ kind: "warning", text: String(fault) }];
  return kept.wallets.map((wallet): Finding => {
    const [was, becomes] = [leafOf(before.leaves, wallet), leafOf(after.leaves, wallet)];
    const words = `of ${shortAddress(wallet)}: ${exactAmount(was)} coins now, ${exactAmount(becomes)} in epoch ${pending.number}`;
    if (becomes >= was) return { kind: "good", text: `the leaf ${words}` };
    const { distributor, network } = before.leaves;
    const command = `npm run ton -- challenge ${before.path} ${after.path} --distributor ${distributor} --network-id=${network}`;
    return {
      kind: "warning",
      text: `a root is on its way that LOWERS the leaf ${words}. Anybody can stop it: ${command}`,
      isUrgent: true,
    };
  });
}

/** A leaf file, or in a sentence why it cannot be had. */
type ReadFile = { path: string; leaves: LeafFile } | string;

/** The files of one audit, each read once. */
class LeafFiles {
  readonly #home: string;
  readonly #base: string;
  readonly #read = new Map<number, ReadFile>();

  constructor(home: string, base: string) {
    this.#home = home;
    this.#base = base;
  }

  async of(epoch: EpochView): Promise<ReadFile> {
    const known = this.#read.get(epoch.number);
    if (known !== undefined) return known;
    const file = await this.#load(epoch).catch((error: unknown) => (error as Error).message);
    this.#read.set(epoch.number, file);
    return file;
  }

  async #load(epoch: EpochView): Promise<ReadFile> {
    const path = await epochFile(this.#home, this.#base, epoch);
    return { path, leaves: await readEpochFile(path) };
  }
}

const unknown = (text: string): Finding => ({ kind: "unknown", text });
