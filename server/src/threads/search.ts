/**
 * Full-text search in Russian and English at once: words by their stem, as PostgreSQL's `russian` configuration knows
 * it for both alphabets, and the last word also by its beginning, because it may still be being typed.
 */
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { storable } from "../db/storable.ts";

/** A stretch of text around the words found, in pieces. */
export type Excerpt = { text: string; hit: boolean }[];

// Private-use characters, which no keyboard writes; those in a message are dropped along with the marks.
const OPEN = "\u{e000}";
const CLOSE = "\u{e001}";
const HEADLINE = `StartSel=${OPEN}, StopSel=${CLOSE}, MaxWords=24, MinWords=12, ShortWord=2, MaxFragments=1`;

/** null when there is nothing to look for. Operators of web searches work: "a phrase", -without, or. */
export function searchQuery(asked: string): SQL | null {
  // Drops characters that cannot be stored: no message holds them.
  const q = storable(asked).replaceAll("\uFFFD", " ");
  const words = q.match(/[\p{L}\p{N}]+/gu);
  const last = words?.at(-1);
  if (!words || last === undefined) return null;
  const whole = sql`websearch_to_tsquery('russian', ${q})`;
  // The last word is not matched as a prefix inside a phrase or after a minus.
  if (!q.trimEnd().endsWith(last) || q.includes('"') || q.includes("-")) return whole;
  const before = q.slice(0, q.lastIndexOf(last));
  const beginning = sql`(to_tsquery('russian', ${`${last}:*`}) || to_tsquery('simple', ${`${last}:*`}))`;
  return words.length === 1
    ? sql`(${whole} || ${beginning})`
    : sql`(${whole} || (websearch_to_tsquery('russian', ${before}) && ${beginning}))`;
}

/** The text around what was found, with marks in it; read it with `excerptOf`. `column` is our own, never input. */
export function excerptSql(column: string, query: SQL): SQL {
  const text = sql.raw(`translate(${column}, '${OPEN}${CLOSE}', '')`);
  const by = (configuration: string) => sql`ts_headline(${configuration}::regconfig, ${text}, ${query}, ${HEADLINE})`;
  return sql`(select case when stems like ${`%${OPEN}%`} then stems else ${by("simple")} end from (select ${by("russian")} as stems) h)`;
}

export function excerptOf(marked: string): Excerpt {
  return marked
    .split(new RegExp(`(${OPEN}[^${CLOSE}]*${CLOSE})`, "u"))
    .filter((piece) => piece !== "")
    .map((piece) =>
      piece.startsWith(OPEN)
        ? { text: piece.slice(OPEN.length, -CLOSE.length), hit: true }
        : { text: piece, hit: false },
    );
}
