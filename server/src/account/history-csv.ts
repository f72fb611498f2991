/** A person's whole history as CSV (RFC 4180), with exact amounts and UTC times. */
import { exactAmount } from "@starai/protocol/amounts";
import type { HistoryEntry } from "@starai/protocol/money";
import type { Base } from "../base.ts";
import { historyRows, placeOf } from "./history-rows.ts";
import type { Place } from "./history-rows.ts";
import type { Payer } from "./person-of.ts";

/** Read at once: some 100 kB of text. */
const PAGE_ENTRIES = 500;
/** More than a person's answers of five years, at a hundred a day. The last line says so where there were more. */
const ENTRIES_MAX = 200_000;
const COLUMNS = ["time", "kind", "title", "paid_with", "amount", "id", "receipt"];

/** In pieces, newest first, each read from the database when the one before was taken. */
export async function* historyCsv(
  ctx: Pick<Base, "db">,
  { id: person }: Pick<Payer, "id">,
  entriesMax = ENTRIES_MAX,
): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  let before: Place | null = null;
  for (let written = 0; written < entriesMax;) {
    const length = Math.min(PAGE_ENTRIES, entriesMax - written);
    const entries: HistoryEntry[] = await historyRows(ctx, { person, before, length });
    const last = entries.at(-1);
    if (last === undefined) return;
    yield entries.map((entry) => csvLine(cellsOf(entry))).join("");
    written += entries.length;
    before = placeOf(last);
  }
  const [older] = await historyRows(ctx, { person, before, length: 1 });
  if (older !== undefined) yield csvLine([older.at, "older entries are left out", "", "", "", "", ""]);
}

function cellsOf({ at, kind, title, paidWith, amount, id, receipt }: HistoryEntry): string[] {
  return [at, kind, harmless(title ?? ""), paidWith, exactAmount(BigInt(amount)), id, receipt ?? ""];
}

/** A spreadsheet would run a title that begins like a formula; an apostrophe makes it text. */
function harmless(text: string): string {
  return /^\s*[=+\-@]/.test(text) ? `'${text}` : text;
}

function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(",")}\r\n`;
}
