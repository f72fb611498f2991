/** Asks the verifying child until it answers: a check that gives way under load would be no check. */
import { retry } from "@starai/protocol/retry";
import type { VerifyingQuestion, VocabularyAnswer } from "./child-messages.ts";
import { EndedTheChild, VocabularyUnavailable } from "./vocabulary-process.ts";
import type { VocabularyProcess } from "./vocabulary-process.ts";

/** Several starts of the child fit into it. A caller still waits for its answer; longer than this it would leave. */
const HOLD_MS = 30_000;
const PACE = { firstMs: 50, maxMs: 1_000 };
/** A child may be killed by anything once; a question on which two children ended is itself the cause. */
const ENDINGS_MAX = 2;

/**
 * @throws {VocabularyUnavailable} when no child answered for 30 s: nothing is known about what was asked
 * @throws {Error} when the child refused the question, or ended on it twice: what was asked is wrong
 */
export function insist(
  process: VocabularyProcess<VerifyingQuestion>,
  question: VerifyingQuestion,
  holdMs = HOLD_MS,
): Promise<VocabularyAnswer> {
  const until = performance.now() + holdMs;
  let endings = 0;
  const ask = () =>
    process.ask(question).catch((error: unknown) => {
      if (error instanceof EndedTheChild && ++endings >= ENDINGS_MAX)
        throw new Error("the vocabulary process ended on this twice", { cause: error });
      throw error;
    });
  // Only silence is bounded by time: a question that ended one child goes to a second, whose end makes it the cause.
  const mayPass = (fault: unknown) =>
    fault instanceof EndedTheChild || (fault instanceof VocabularyUnavailable && performance.now() < until);
  return retry(ask, { ...PACE, mayPass });
}
