/**
 * A conversation's name, made by the model after the first answer: a few words more on what its machine has just read.
 * It is a courtesy: asked only while a place is free, given up as soon as the person goes on, and where it does not
 * come the question's first line stays. What the person named is never renamed.
 */
import { and, count, eq } from "drizzle-orm";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { AppContext } from "../context.ts";
import { messages, runs, threads } from "../db/schema.ts";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import type { JobHandle } from "../jobs/job.ts";
import { isPrivateChat } from "../threads/own-thread.ts";
import { breakMarks } from "./data-marks.ts";
import { questionWithPersona } from "./persona.ts";
import type { StoredRun } from "./run-store.ts";
import { writeDecision } from "./step-format.ts";
import { agentSetup, type SubmitJob } from "./work-run.ts";

/** Names being made at once; the next answer of a thread tries again. */
const AT_ONCE_MAX = 16;
/** Answers after which a thread without a name of its own stops asking for one. */
const ANSWERS_MAX = 3;
/** Longer questions and answers are cut: their beginning says what they are about. */
const READ_CHARS_MAX = 1_000;
/** One line of a phone. */
const NAME_CHARS_MAX = 48;
/** A name that takes longer is no courtesy any more. */
const DEADLINE_MS = 30_000;
/** The name in the longest script, and the frame around it. */
const TOKENS_MAX = NAME_CHARS_MAX + 16;

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["title"],
  properties: { title: { type: "string", minLength: 2, maxLength: NAME_CHARS_MAX } },
};
const ASKED = {
  en: "Name our conversation: a title of two to five words, no full stop, no quotes.",
  ru: "Назови наш разговор: заголовок из двух–пяти слов, без точки и кавычек, по-русски.",
};

export class ThreadTitles {
  readonly #ctx: AppContext;
  readonly #submit: SubmitJob;
  /** By thread. */
  readonly #asked = new Map<string, AbortController>();

  constructor(ctx: AppContext, submit: SubmitJob) {
    this.#ctx = ctx;
    this.#submit = submit;
  }

  /** The person goes on: whatever names this thread now gives its place back. */
  stop(thread: string): void {
    this.#asked.get(thread)?.abort();
  }

  /** After an answer. Returns at once, and never throws. */
  offer(run: StoredRun, answer: string): void {
    const { thread } = run.snapshot;
    if (!this.#ctx.config.titles || this.#asked.size >= AT_ONCE_MAX || this.#asked.has(thread)) return;
    const stop = new AbortController();
    this.#asked.set(thread, stop);
    this.#name(run, { answer, signal: stop.signal })
      .catch((err: unknown) => this.#ctx.log.debug({ err, thread }, "a conversation keeps its first line as its name"))
      .finally(() => this.#asked.delete(thread));
  }

  async #name(run: StoredRun, { answer, signal }: { answer: string; signal: AbortSignal }): Promise<void> {
    const { thread } = run.snapshot;
    const model = this.#ctx.catalogue.get(run.model);
    if (model === undefined || !this.#hasRoom(model.id) || !(await this.#wantsName(run)) || signal.aborted) return;
    const handle = await this.#submit({
      key: `title:${run.snapshot.id}`,
      owner: `person:${run.personId}`,
      model: model.id,
      turns: this.#turns(model, run, answer),
      constraint: compileConstraint(SCHEMA).constraint,
      sampling: { temperature: 0, topP: 1, seed: 1 },
      maxTokens: TOKENS_MAX,
      stop: [],
      cacheKey: `thread:${thread}`,
      deadlineMs: DEADLINE_MS,
    });
    const title = readTitle(await resultOf(handle, signal));
    if (title === null) return;
    const [named] = await this.#ctx.db
      .update(threads)
      .set({ title, titledBy: "model" })
      .where(and(eq(threads.id, thread), eq(threads.titledBy, "question")))
      .returning({ id: threads.id });
    if (named) this.#ctx.changes.tell(`person:${run.personId}`, { type: "thread", id: thread });
  }

  #hasRoom(model: string): boolean {
    const { queued, models } = this.#ctx.registry.status();
    const served = models.find(({ id }) => id === model);
    return queued === 0 && served !== undefined && served.constrains && served.freeSlots > 0;
  }

  /** In a person's own chat, after one of the first answers, or where its first question was asked otherwise. */
  async #wantsName({ snapshot: { thread }, messageId }: StoredRun): Promise<boolean> {
    const [row] = await this.#ctx.db
      .select({ chat: threads.chat, titledBy: threads.titledBy, parent: messages.parentId })
      .from(threads)
      .innerJoin(messages, eq(messages.id, messageId))
      .where(eq(threads.id, thread));
    if (row === undefined || !isPrivateChat(row.chat) || row.titledBy !== "question") return false;
    if (row.parent === null) return true;
    const [answered] = await this.#ctx.db
      .select({ n: count() })
      .from(runs)
      .where(and(eq(runs.threadId, thread), eq(runs.status, "answered")));
    return (answered?.n ?? 0) <= ANSWERS_MAX;
  }

  /** As the next question's turns would begin, so that a machine that has just answered has read nearly all of it. */
  #turns(model: CatalogueModel, run: StoredRun, answer: string): Turn[] {
    const question = questionWithPersona(cut(run.text), run);
    const decision = writeDecision({ thought: "", action: { kind: "final_answer", text: cut(answer) } });
    return [
      ...agentSetup(this.#ctx, model).prefix,
      { role: "user", content: breakMarks(question) },
      { role: "assistant", content: decision },
      { role: "user", content: /[а-яё]/iu.test(run.text) ? ASKED.ru : ASKED.en },
    ];
  }
}

function cut(text: string): string {
  return text.length > READ_CHARS_MAX ? `${text.slice(0, READ_CHARS_MAX)}…` : text;
}

async function resultOf(handle: JobHandle, signal: AbortSignal): Promise<string> {
  const cancel = () => void handle.cancel("the conversation goes on").catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    return (await handle.result()).text;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** null where the words are no name: a machine may have written them. */
function readTitle(text: string): string | null {
  const value: unknown = JSON.parse(text);
  if (compileConstraint(SCHEMA).validate(value) !== null) return null;
  const { title } = value as { title: string };
  const line = title.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").replace(/^[\s"'«“„.]+|[\s"'»”“.:]+$/gu, "");
  return Array.from(line).length >= 2 && /[\p{L}\p{N}]/u.test(line) ? line : null;
}
