/**
 * What people's requests ask the chain's endpoint, which answers some ten calls a second and everybody else's money hangs
 * on: deposits, payouts and the watch of escrows ask it, too. A question that is under way is everybody's who asks the same.
 */
import { Refusal } from "../errors.ts";

/** An open app asks every two seconds at most. */
export const OF_PERSON_MAX = 60;
const MINUTE_MS = 60_000;
/** Of everybody, three calls each: what one endpoint answers in a second or two. */
export const AT_ONCE_MAX = 4;
const RETRY_AFTER_S = 2;

interface Question {
  readonly person: string;
  /** What is asked of which account; the same text has the same answer. */
  readonly question: string;
  readonly nowMs: number;
}

export class AskedOfChain {
  readonly #underWay = new Map<string, Promise<unknown>>();
  #minute = { began: 0, of: new Map<string, number>() };

  /** @throws Refusal `queue_full`, before anything is asked; or what `ask` throws */
  once<Answer>(asked: Question, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#underWay.get(asked.question);
    if (known !== undefined) return known as Promise<Answer>;
    this.#count(asked);
    const answer = ask().finally(() => this.#underWay.delete(asked.question));
    this.#underWay.set(asked.question, answer);
    return answer;
  }

  #count({ person, nowMs }: Question): void {
    if (this.#underWay.size >= AT_ONCE_MAX) throw full("Many people ask the chain just now", RETRY_AFTER_S);
    const isOver = Math.abs(nowMs - this.#minute.began) >= MINUTE_MS;
    if (isOver) this.#minute = { began: nowMs, of: new Map() };
    const { began, of } = this.#minute;
    const before = of.get(person) ?? 0;
    if (before >= OF_PERSON_MAX)
      throw full("You asked the chain many times just now", Math.ceil((began + MINUTE_MS - nowMs) / 1_000));
    of.set(person, before + 1);
  }
}

function full(why: string, retryAfterS: number): Refusal {
  const message = `${why}. Nothing was signed, charged or changed: send this again in ${retryAfterS} s.`;
  return new Refusal("queue_full", message, { retryAfterS });
}
