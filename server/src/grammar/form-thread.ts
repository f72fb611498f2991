/**
 * The thread that matches committed text against its grammar, so that a hostile schema cannot block the server.
 *
 * It keeps each job's position in its grammar. For an unknown job, after a restart or an eviction, it requests the
 * whole text.
 */
import { parentPort } from "node:worker_threads";
import { GrammarWalker, TooAmbiguous } from "@starai/protocol/gbnf/grammar-walker";
import type { FormAnswer, FormEnd, FormQuestion } from "./form-messages.ts";

/** Jobs kept at once: more than the pool runs. An evicted job is read again from its start. */
const FOLLOWED_MAX = 1_000;

/** Characters read between two checks of the time: the slowest forms take 40 ms a character, more on a busy machine. */
const SLICE = 4;
/** Time limit of one question, because all other jobs wait for it; well below the limit that ends the thread. */
const READ_MS_MAX = 2_000;

interface Followed {
  /** Null after the grammar proved too ambiguous. */
  readonly walker: GrammarWalker | null;
  /** UTF-16 units read so far. */
  at: number;
}

const followed = new Map<string, Followed>();

parentPort?.on("message", (said: FormQuestion | FormEnd) => {
  if ("ended" in said) followed.delete(said.ended);
  else parentPort?.postMessage(answerTo(said));
});

function answerTo(question: FormQuestion): FormAnswer {
  const { id } = question;
  try {
    const job = question.whole ? begin(question.job, question.whole) : followed.get(question.job);
    if (!job || job.at !== question.at) return { id, kind: job && question.whole ? "broken_before" : "unknown_job" };
    if (!job.walker) return { id, kind: "not_followed" };
    const read = acceptInTime(job.walker, question.added);
    job.at += read;
    if (read < question.added.length) return { id, kind: "breaks", at: read };
    return { id, kind: "fits", canEnd: job.walker.canEnd() };
  } catch (error) {
    followed.set(question.job, { walker: null, at: question.at + question.added.length });
    return { id, kind: "not_followed", why: error instanceof TooAmbiguous ? error.message : String(error) };
  }
}

function begin(job: string, { gbnf, before }: { gbnf: string; before: string }): Followed {
  const walker = new GrammarWalker(gbnf);
  const fresh = { walker, at: acceptInTime(walker, before) };
  followed.delete(job);
  followed.set(job, fresh);
  if (followed.size > FOLLOWED_MAX) followed.delete(followed.keys().next().value!);
  return fresh;
}

/**
 * Like `accept`, with a time limit.
 * @throws {TooAmbiguous} also when time is up: this job is then no longer followed
 */
function acceptInTime(walker: GrammarWalker, text: string): number {
  const until = performance.now() + READ_MS_MAX;
  let at = 0;
  while (at < text.length) {
    // A slice must not split a surrogate pair.
    const isCut = /[\uD800-\uDBFF]/.test(text.charAt(at + SLICE - 1));
    const slice = text.slice(at, at + SLICE + (isCut ? 1 : 0));
    const read = walker.accept(slice);
    at += read;
    if (read < slice.length) break;
    if (performance.now() > until) throw new TooAmbiguous("the text takes too long to follow");
  }
  return at;
}
