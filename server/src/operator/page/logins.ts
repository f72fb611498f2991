/** Who is logged in to the operator's page. In memory: a restart logs everybody out. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A working day. */
const LOGIN_MS = 10 * 60 * 60_000;
/** An operator's windows; the oldest goes. */
const LOGINS_MAX = 20;
/** Whoever mistypes has enough, whoever guesses has not: a key has 128 bits at the least. */
const WRONG_MAX = 10;
const WRONG_WITHIN_MS = 10 * 60_000;

export class Logins {
  readonly #key: Buffer;
  /** Digests of tokens, and until when they are good; the oldest first. */
  readonly #tokens = new Map<string, number>();
  #wrongAt: number[] = [];

  constructor(key: string) {
    this.#key = digest(key);
  }

  /** A token for the right key. `locked`: too many wrong ones, whoever sent them; the right one is not looked at. @param now  monotonic, ms */
  logIn(key: string, now: number): { token: string } | "wrong" | "locked" {
    this.#wrongAt = this.#wrongAt.filter((at) => now - at < WRONG_WITHIN_MS);
    if (this.#wrongAt.length >= WRONG_MAX) return "locked";
    // Digests have equal lengths, so timing reveals neither the key's length nor the first wrong character.
    if (!timingSafeEqual(digest(key), this.#key)) {
      this.#wrongAt.push(now);
      return "wrong";
    }
    const token = randomBytes(32).toString("base64url");
    this.#tokens.set(nameOf(token), now + LOGIN_MS);
    if (this.#tokens.size > LOGINS_MAX) this.#tokens.delete(this.#tokens.keys().next().value!);
    return { token };
  }

  isIn(token: string | undefined, now: number): boolean {
    return token !== undefined && (this.#tokens.get(nameOf(token)) ?? 0) > now;
  }

  logOut(token: string | undefined): void {
    if (token !== undefined) this.#tokens.delete(nameOf(token));
  }
}

const digest = (text: string) => createHash("sha256").update(text).digest();
const nameOf = (token: string) => digest(token).toString("hex");
