/** A person's payments and answers, newest first. */
import type { HistoryPage } from "@starai/protocol/money";
import type { Base } from "../base.ts";
import { Refusal } from "../errors.ts";
import { historyRows, placeOf } from "./history-rows.ts";
import type { Place } from "./history-rows.ts";
import type { Payer } from "./person-of.ts";

/** A few screens of a phone. */
const PAGE_ENTRIES = 50;
/** Time until the year 2286, and an id. */
const PLACE = /^(\d{1,13})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * What comes meanwhile is not on later pages, and nothing is on two.
 * @param before  `next` of the page before; null for the newest
 * @throws Refusal `invalid_request` for any other text
 */
export async function historyPage(
  ctx: Pick<Base, "db">,
  { id: person }: Pick<Payer, "id">,
  before: string | null,
): Promise<HistoryPage> {
  const found = await historyRows(ctx, { person, before: readPlace(before), length: PAGE_ENTRIES + 1 });
  const entries = found.slice(0, PAGE_ENTRIES);
  const last = entries.at(-1);
  return { entries, next: last && found.length > PAGE_ENTRIES ? writePlace(placeOf(last)) : null };
}

function writePlace({ at, id }: Place): string {
  return `${at}.${id}`;
}

function readPlace(text: string | null): Place | null {
  if (text === null) return null;
  const [, at, id] = PLACE.exec(text) ?? [];
  if (at === undefined || id === undefined)
    throw new Refusal("invalid_request", "before: pass the `next` of an earlier page, or nothing.", {
      param: "before",
    });
  return { at: Number(at), id };
}
