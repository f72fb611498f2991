/** `worker notes`: what the pool owes this machine by its own signed notes, by epoch and in all. */
import { exactAmount } from "@starai/protocol/amounts";
import type { WorkerConfig } from "../config.ts";
import { listEpochs } from "../earnings/epochs.ts";
import { sumNotes } from "../earnings/sum-notes.ts";
import type { NotesRead, NoteSum } from "../earnings/sum-notes.ts";
import type { Asset } from "../notes/note-book.ts";
import { apiBaseOf } from "../pool-address.ts";
import type { Output } from "./pull.ts";

export async function notes(config: WorkerConfig, out: Output): Promise<void> {
  const base = apiBaseOf(config.poolUrl);
  const epochs = await listEpochs(base).catch(() => null);
  const read = await sumNotes(config.home, base, epochs ?? []);
  for (const line of describeNotes(read, epochs !== null)) out.write(`${line}\n`);
}

function describeNotes(read: NotesRead, knowsEpochs: boolean): string[] {
  if (read.isEmpty) return ["There are no credit notes of this pool yet: one comes for each paid job."];
  const lines = ["Credit notes of this machine, each under the pool's signature:"];
  for (const sums of read.sums) {
    const what =
      sums.epoch === null
        ? knowsEpochs
          ? "since the last closed epoch"
          : "so far"
        : `until the end of epoch ${sums.epoch}`;
    lines.push(`  ${what}: ${sumWords(sums)}`);
  }
  lines.push(`  in all: ${sumWords(read.total)}`);
  if (!knowsEpochs) lines.push("The pool does not say which epochs are closed, so they are not divided.");
  for (const fault of read.faults) lines.push(`WRONG  ${fault}`);
  if (read.isDamaged) lines.push("WRONG  the file is damaged: the worker mends it at its next start.");
  if (read.faults.length === 0 && !read.isDamaged)
    lines.push("Every signature is the pool's, and no number is missing.");
  return lines;
}

function sumWords({ coin, stars }: Record<Asset, NoteSum>): string {
  const parts = [
    ...(coin.notes > 0 ? [`${exactAmount(coin.amount)} coins for ${jobs(coin.notes)}`] : []),
    ...(stars.notes > 0 ? [`${exactAmount(stars.amount)} Stars for ${jobs(stars.notes)}`] : []),
  ];
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

const jobs = (count: number) => `${count} job${count === 1 ? "" : "s"}`;
