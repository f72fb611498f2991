/** Asks the verifying child until it answers: a check that gives way under load would be no check. */
import { setTimeout as sleep } from "node:timers/promises";
import type { VerifyingQuestion, VocabularyAnswer } from "./child-messages.ts";
import { EndedTheChild, VocabularyUnavailable } from "./vocabulary-process.ts";
import type { VocabularyProcess } from "./vocabulary-process.ts";

/** Several starts of the child fit into it. A caller still waits for its answer; longer than this it would leave. */
const HOLD_MS = 30_000;
const FIRST_PAUSE_MS = 50;
const PAUSE_MAX_MS = 1_000;
/** A child may be killed by anything once; a question that two children ended on is why. */
const ENDINGS_MAX = 2;

/**
 * @throws {VocabularyUnavailable} when no child answered for 30 s: nothing is known about what was asked
 * @throws {Error} when the child refused the question, or ended on it twice: what was asked is wrong
 */
export async function insist(
  process: VocabularyProcess<VerifyingQuestion>,
  question: VerifyingQuestion,
  holdMs = HOLD_MS,
): Promise<VocabularyAnswer> {
  const until = performance.now() + holdMs;
  let endings = 0;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
    try {
      return await process.ask(question);
    } catch (fault) {
      if (fault instanceof EndedTheChild) endings++;
      else if (!(fault instanceof VocabularyUnavailable) || performance.now() + pause > until) throw fault;
      if (endings >= ENDINGS_MAX) throw new Error("the vocabulary process ended on this twice", { cause: fault });
    }
    await sleep(pause);
  }
}
