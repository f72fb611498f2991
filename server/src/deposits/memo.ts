/**
 * The comment that somebody types by hand to name themselves: 7 random characters and one that checks them. The alphabet
 * has no look-alikes, and 31 characters, a prime: every single wrong character and every two that changed places are noticed.
 */
import { randomInt } from "node:crypto";

const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const RANDOM_CHARS = 7;
/** Longer ones are no memo, whatever stands in them. */
const TYPED_CHARS_MAX = 40;

export function newMemo(): string {
  const chars = Array.from({ length: RANDOM_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]!);
  return [...chars, checkOf(chars)].join("");
}

/** The memo in a comment, however it was cased, spaced or quoted; null where it is none. */
export function readMemo(comment: string): string | null {
  if (comment.length > TYPED_CHARS_MAX) return null;
  const chars = comment
    .toUpperCase()
    .replaceAll(/[\s"'«».:_–-]/g, "")
    .split("");
  const [check, ...others] = [chars.at(-1), ...chars.slice(0, -1)];
  if (others.length !== RANDOM_CHARS || !others.every((char) => ALPHABET.includes(char))) return null;
  return check === checkOf(others) ? chars.join("") : null;
}

function checkOf(chars: readonly string[]): string {
  const sum = chars.reduce((total, char, at) => total + (at + 1) * ALPHABET.indexOf(char), 0);
  return ALPHABET[sum % ALPHABET.length]!;
}
