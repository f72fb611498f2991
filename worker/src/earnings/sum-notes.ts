/** Adds up this machine's credit notes by epoch, and checks each again. */
import { join } from "node:path";
import type { EpochView } from "@starai/protocol/contributor";
import { loadIdentity } from "../identity.ts";
import { checkNote, NOTHING } from "../notes/check-note.ts";
import { NOTES_FILE } from "../notes/note-book.ts";
import type { Asset } from "../notes/note-book.ts";
import { readNotes } from "../notes/note-file.ts";
import { PoolKeys } from "../notes/pool-keys.ts";

export interface NoteSum {
  notes: number;
  /** Nano units. */
  amount: bigint;
}

/** A closed epoch and what was earned in it; `epoch` null: since the last one that is closed. */
export interface EpochSums {
  epoch: number | null;
  coin: NoteSum;
  stars: NoteSum;
}

export interface NotesRead {
  sums: EpochSums[];
  total: Record<Asset, NoteSum>;
  /** What is wrong with single notes, in words. */
  faults: string[];
  isDamaged: boolean;
  isEmpty: boolean;
}

/** Faults told; a file that is wrong from its middle on would fill the screen. */
const FAULTS_MAX = 5;

/** Reads this machine's notes of the pool at this address, and checks each again. */
export async function sumNotes(home: string, base: string, epochs: readonly EpochView[]): Promise<NotesRead> {
  const { key: worker } = await loadIdentity(home);
  const keys = (await PoolKeys.open(home)).at(base)?.keys ?? {};
  const ends = epochs
    .map(({ number, closedAt }) => ({ number, at: Date.parse(closedAt) }))
    .sort((one, other) => one.at - other.at);
  const byEpoch = new Map<number | null, EpochSums>();
  const last = { coin: NOTHING, stars: NOTHING };
  const read: NotesRead = {
    sums: [],
    total: { coin: nothing(), stars: nothing() },
    faults: [],
    isDamaged: false,
    isEmpty: true,
  };
  const { isDamaged } = await readNotes(join(home, NOTES_FILE), ({ signed, note }) => {
    if (keys[signed.key] === undefined) return;
    read.isEmpty = false;
    const checked = checkNote(signed, { worker, keys, last: (asset) => last[asset] });
    if (checked.kind !== "next") {
      const fault = checked.kind === "known" ? "it is there twice" : checked.fault;
      if (read.faults.length < FAULTS_MAX) read.faults.push(`note ${note.number} of ${note.asset}: ${fault}`);
      return;
    }
    last[note.asset] = { number: note.number, total: BigInt(note.total) };
    const at = Date.parse(note.at);
    const epoch = ends.find((end) => at < end.at)?.number ?? null;
    const sums = byEpoch.get(epoch) ?? { epoch, coin: nothing(), stars: nothing() };
    byEpoch.set(epoch, sums);
    for (const sum of [sums[note.asset], read.total[note.asset]]) {
      sum.notes += 1;
      sum.amount += BigInt(note.amount);
    }
  });
  read.isDamaged = isDamaged;
  read.sums = [...byEpoch.values()].sort((one, other) => (one.epoch ?? Infinity) - (other.epoch ?? Infinity));
  return read;
}

const nothing = (): NoteSum => ({ notes: 0, amount: 0n });
