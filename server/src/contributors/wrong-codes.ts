/** How many wrong codes a person typed lately: so that nobody finds a code by trying. */
import { EARNING_TERMS } from "@starai/protocol/contributor";
import type { Base } from "../base.ts";
import { Refusal } from "../errors.ts";

/** Of a million million codes; a typing error or two are no attack. */
const WRONG_MAX = 5;
/** About a hundred bytes each. Beyond it the oldest are forgotten, which gives that person five more. */
const PEOPLE_MAX = 10_000;

interface Tries {
  wrong: number;
  readonly until: number;
}

/** In memory: a restart gives everybody five more, which finds nothing either. */
export class WrongCodes {
  readonly #parts: Pick<Base, "monotonic">;
  readonly #words: string;
  readonly #tries = new Map<string, Tries>();

  /** @param words  for whoever tried too many */
  constructor(
    parts: Pick<Base, "monotonic">,
    words = "You typed too many wrong codes. Nothing was paired: ask the machine for a new code and try again in ten minutes.",
  ) {
    this.#parts = parts;
    this.#words = words;
  }

  /**
   * Looks for a machine by what a person typed. A try counts before its look, so that tries at one moment are bounded as
   * well, and only a look that refused the code keeps it counted.
   * @throws Refusal `cap_reached`, or what the look throws
   */
  async tried<Found>(person: string, look: () => Promise<Found>): Promise<Found> {
    const tries = this.#of(person);
    if (tries.wrong >= WRONG_MAX)
      throw new Refusal("cap_reached", this.#words, {
        retryAfterS: Math.max(1, Math.ceil((tries.until - this.#parts.monotonic()) / 1_000)),
      });
    tries.wrong++;
    try {
      const found = await look();
      tries.wrong--;
      return found;
    } catch (error) {
      if (!(error instanceof Refusal)) tries.wrong--;
      throw error;
    }
  }

  #of(person: string): Tries {
    const now = this.#parts.monotonic();
    const known = this.#tries.get(person);
    if (known !== undefined && known.until > now) return known;
    const fresh = { wrong: 0, until: now + EARNING_TERMS.pairingMs };
    this.#tries.delete(person);
    this.#tries.set(person, fresh);
    if (this.#tries.size > PEOPLE_MAX) this.#tries.delete(this.#tries.keys().next().value!);
    return fresh;
  }
}
