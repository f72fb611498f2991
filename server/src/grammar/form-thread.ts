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
    const read = job.walker.accept(question.added);
    job.at += read;
    if (read < question.added.length) return { id, kind: "breaks", at: read };
    return { id, kind: "fits", canEnd: job.walker.canEnd() };
  } catch (fault) {
    followed.set(question.job, { walker: null, at: question.at + question.added.length });
    return { id, kind: "not_followed", why: fault instanceof TooAmbiguous ? fault.message : String(fault) };
  }
}

function begin(job: string, { gbnf, before }: { gbnf: string; before: string }): Followed {
  const walker = new GrammarWalker(gbnf);
  const fresh = { walker, at: walker.accept(before) };
  followed.delete(job);
  followed.set(job, fresh);
  if (followed.size > FOLLOWED_MAX) followed.delete(followed.keys().next().value!);
  return fresh;
}
