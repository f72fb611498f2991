/** Who is logged in to the operator's page. In memory: a restart logs everybody out. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A working day. */
const LOGIN_MS = 10 * 60 * 60_000;
/** An operator's windows; the oldest goes. */
const LOGINS_MAX = 20;
/** Of one network. Whoever mistypes has enough, whoever guesses has not: a key has 128 bits at the least. */
const WRONG_MAX = 10;
/** Of all together: what is kept of them is bounded, and a hundred networks must join to shut the operator out. */
const WRONG_EVERYWHERE_MAX = 100 * WRONG_MAX;
const WRONG_WITHIN_MS = 10 * 60_000;

export class Logins {
  readonly #key: Buffer;
  /** Digests of tokens, and until when they are good; the oldest first. */
  readonly #tokens = new Map<string, number>();
  #wrong: { readonly from: string; readonly at: number }[] = [];

  constructor(key: string) {
    this.#key = digest(key);
  }

  /**
   * A token for the right key. `locked`: too many wrong ones came from this network, or from everywhere; the right one is not
   * looked at. @param now  monotonic, ms
   */
  logIn(key: string, { from, now }: { from: string; now: number }): { token: string } | "wrong" | "locked" {
    this.#wrong = this.#wrong.filter(({ at }) => now - at < WRONG_WITHIN_MS);
    const own = this.#wrong.filter((one) => one.from === from).length;
    if (own >= WRONG_MAX || this.#wrong.length >= WRONG_EVERYWHERE_MAX) return "locked";
    // Digests have equal lengths, so timing reveals neither the key's length nor the first wrong character.
    if (!timingSafeEqual(digest(key), this.#key)) {
      this.#wrong.push({ from, at: now });
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
