/**
 * What a watch says, and when. Everything watched is a list of facts, each under a key that never changes; a line is said when
 * the fact under a key is another one than was said before, and at first sight only when it is alarming.
 */
export interface Fact {
  /** The contract's address and what of it the fact is about. */
  key: string;
  /** A sentence without the present time, so that it changes only when the fact does. */
  says: string;
  /** Whether somebody should act. */
  alarming: boolean;
  /** Set when the watch did something itself, which is said at first sight, too. */
  done?: boolean;
}

/** The sentence last said, or first seen, under each key: as many as there are facts. */
export type Said = Readonly<Record<string, string>>;

export function news(facts: readonly Fact[], said: Said): { lines: string[]; said: Said } {
  const lines = facts
    .filter(({ key, says, alarming, done }) => said[key] !== says && (alarming || done || said[key] !== undefined))
    .map(({ says, alarming, done }) => `${alarming ? "ALARM  " : done ? "done   " : "changed"} ${says}`);
  return { lines, said: { ...said, ...Object.fromEntries(facts.map(({ key, says }) => [key, says])) } };
}
