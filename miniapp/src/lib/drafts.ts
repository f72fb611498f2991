/** Unsent texts per thread, stored on this device. */
import type { KeptText } from "./storage.ts";

export interface Drafts {
  read: (thread: string) => string;
  /** An empty text removes the draft. */
  write: (thread: string, text: string) => void;
}

/** More drafts than anybody returns to; the oldest is dropped first. */
export const DRAFTS_MAX = 40;
/** Characters of all drafts together; browsers give a site about 5 million. */
export const DRAFT_CHARS_MAX = 400_000;

export function openDrafts(storage: KeptText, person: string): Drafts {
  const place = `starai.drafts.${person}`;
  const all = (): [string, string][] => pairsIn(storage.getItem(place));
  return {
    read: (thread) => all().find(([id]) => id === thread)?.[1] ?? "",
    write: (thread, text) => {
      const others = all().filter(([id]) => id !== thread);
      const kept = bounded(text.trim() === "" ? others : [...others, [thread, text]]);
      if (kept.length === 0) storage.removeItem(place);
      else storage.setItem(place, JSON.stringify(kept));
    },
  };
}

/** The newest drafts that fit, oldest first. */
function bounded(drafts: [string, string][]): [string, string][] {
  let chars = 0;
  const kept = drafts.slice(-DRAFTS_MAX).reverse();
  const over = kept.findIndex(([, text]) => (chars += text.length) > DRAFT_CHARS_MAX);
  return (over === -1 ? kept : kept.slice(0, over)).reverse();
}

/** Parses the stored drafts and leaves out everything that is not a pair of strings. */
function pairsIn(json: string | null): [string, string][] {
  try {
    const value: unknown = JSON.parse(json ?? "[]");
    if (!Array.isArray(value)) return [];
    return value.filter(
      (pair): pair is [string, string] =>
        Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string"),
    );
  } catch {
    return [];
  }
}
