/**
 * The thread that follows committed text through its grammar, so that a hostile schema never holds up the server.
 *
 * It remembers where each job stands; a job it does not know (it was started anew, or forgot) it asks for whole.
 */
import { parentPort } from "node:worker_threads";
import { GrammarWalker, TooAmbiguous } from "@starai/protocol/grammar-walker";
import type { FormAnswer, FormEnd, FormQuestion } from "./form-messages.ts";

/** Jobs followed at once: more than the pool holds. A forgotten one is read again from its start. */
const FOLLOWED_MAX = 1_000;

/** Text read at a time, between looks at the clock: the slowest forms take 40 ms a character, on a busy machine several times that. */
const SLICE = 4;
/** All others wait meanwhile, so one job may not have more; well below the time after which the thread itself is ended. */
const READ_MS_MAX = 2_000;

interface Followed {
  /** Null once its grammar proved too ambiguous. */
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

/** As `accept`. @throws {TooAmbiguous} also where it takes too long: then this job is not followed, and the others are */
function acceptInTime(walker: GrammarWalker, text: string): number {
  const until = performance.now() + READ_MS_MAX;
  let at = 0;
  while (at < text.length) {
    // A surrogate pair is not cut.
    const isCut = /[\uD800-\uDBFF]/.test(text.charAt(at + SLICE - 1));
    const slice = text.slice(at, at + SLICE + (isCut ? 1 : 0));
    const read = walker.accept(slice);
    at += read;
    if (read < slice.length) break;
    if (performance.now() > until) throw new TooAmbiguous("the text takes too long to follow");
  }
  return at;
}
