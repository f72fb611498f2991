/**
 * What PostgreSQL can keep: neither its text nor its JSON holds U+0000 or half a surrogate pair, and people, clients,
 * models and workers can send both. Each becomes the replacement character, one for one, so that lengths and offsets
 * stay. Every column of text or JSON has one of the two types below; statements written by hand call the functions.
 */
import { customType } from "drizzle-orm/pg-core";

const UNSTORABLE = /\0|\p{Surrogate}/gu;
/** JSON.stringify escapes NUL and half a pair in this way, and never a whole pair. */
const ESCAPES = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|[^])/g;

export function storable(text: string): string {
  return text.replace(UNSTORABLE, "\uFFFD");
}

/** A value as JSON text whose strings and keys are storable. */
export function toStorableJson(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPES, (escape) => (escape.length === 2 ? escape : "\\ufffd"));
}

export const storableText = customType<{ data: string; driverData: string }>({
  dataType: () => "text",
  toDriver: storable,
});

export const storableJson = customType<{ data: unknown; driverData: string }>({
  dataType: () => "jsonb",
  toDriver: toStorableJson,
});
