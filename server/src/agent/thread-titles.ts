/**
 * Generates a conversation's name from the question after the first answer. It is best effort: requested only while a
 * place is free, cancelled as soon as the person writes again, and postponed while anybody waits for the only machine that
 * is free; without it the question's first line stays. A name that the person chose is never replaced.
 */
import { randomUUID } from "node:crypto";
import { and, count, eq } from "drizzle-orm";
import type { Turn } from "@starai/protocol/template";
import type { AgentContext } from "./context.ts";
import { isPrivateChat } from "../db/private-chat.ts";
import { messages, runs, threads } from "../db/schema.ts";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import type { JobHandle } from "../jobs/job.ts";
import type { StoredRun } from "./run-store.ts";
import type { SubmitJob } from "./work-run.ts";

/** Most title jobs at once; a thread without a title tries again at its next answer. */
const AT_ONCE_MAX = 16;
/** After this many answers a thread without a generated name stops trying. */
const ANSWERS_MAX = 3;
/** A longer question is cut: its beginning says what it is about. */
const READ_CHARS_MAX = 300;
/** One line on a phone's screen. */
const NAME_CHARS_MAX = 48;
/** Deadline of a title job. */
const DEADLINE_MS = 30_000;
/** Tokens for a name in the script with the most tokens per character, and for the JSON around it. */
const TOKENS_MAX = NAME_CHARS_MAX + 16;

const SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["title"],
  properties: { title: { type: "string", minLength: 2, maxLength: NAME_CHARS_MAX } },
};
/** Short, so that a machine reads it in a second or two. Has examples, because a small model imitates them. */
const BEGINNING: readonly Turn[] = [
  {
    role: "system",
    content: "You write titles of two to five words that say what a text is about, in the language of the text.",
  },
  { role: "user", content: "how do I get red wine out of a white shirt?" },
  { role: "assistant", content: '{"title":"Red wine stains"}' },
  { role: "user", content: "Посоветуй книгу для ребёнка семи лет" },
  { role: "assistant", content: '{"title":"Книга для ребёнка"}' },
];

export class ThreadTitles {
  readonly #ctx: AgentContext;
  readonly #submit: SubmitJob;
  /** By thread. */
  readonly #asked = new Map<string, { run: StoredRun; stop: AbortController; over: Promise<void> }>();
  /** Titles that gave way to a question, the oldest first; AT_ONCE_MAX at most. */
  readonly #postponed: StoredRun[] = [];

  constructor(ctx: AgentContext, submit: SubmitJob) {
    this.#ctx = ctx;
    this.#submit = submit;
  }

  /** Makes way for a question of this thread: its own title is cancelled, others are postponed unless a machine is idle. */
  giveWay({ model, snapshot: { thread } }: StoredRun): void {
    this.#asked.get(thread)?.stop.abort();
    if (this.#hasIdleMachine(model)) return;
    for (const { run, stop } of this.#asked.values()) {
      if (run.model !== model || stop.signal.aborted) continue;
      stop.abort();
      this.#postponed.push(run);
    }
    this.#postponed.splice(0, this.#postponed.length - AT_ONCE_MAX);
  }

  /** Cancels all title jobs, so that no question after the next start waits for them. Resolves when all have ended. */
  async shutdown(): Promise<void> {
    for (const { stop } of this.#asked.values()) stop.abort();
    await Promise.all([...this.#asked.values()].map(({ over }) => over));
  }

  /** Starts a title job after an answer, and one that was postponed, if there is room. Returns at once and never throws. */
  offer(run: StoredRun): void {
    this.#start(run);
    const postponed = this.#postponed.shift();
    if (postponed) this.#start(postponed);
  }

  #start(run: StoredRun): void {
    const { thread } = run.snapshot;
    if (!this.#ctx.config.titles || this.#asked.size >= AT_ONCE_MAX || this.#asked.has(thread)) return;
    const stop = new AbortController();
    const over = this.#name(run, stop.signal)
      .catch((error: unknown) =>
        this.#ctx.log.debug({ err: error, thread }, "a conversation keeps its first line as its name"),
      )
      .finally(() => this.#asked.delete(thread));
    this.#asked.set(thread, { run, stop, over });
  }

  async #name(run: StoredRun, signal: AbortSignal): Promise<void> {
    const { thread } = run.snapshot;
    if (!this.#hasRoom(run.model) || !(await this.#wantsName(run)) || signal.aborted) return;
    const handle = await this.#submit({
      // A postponed title is another job: the first one's key belongs to a cancelled one.
      key: `title:${run.snapshot.id}:${randomUUID()}`,
      owner: `person:${run.personId}`,
      model: run.model,
      turns: [...BEGINNING, { role: "user", content: cut(run.text) }],
      constraint: compileConstraint(SCHEMA).constraint,
      sampling: { temperature: 0, topP: 1, seed: 1 },
      maxTokens: TOKENS_MAX,
      stop: [],
      cacheKey: "titles",
      deadlineMs: DEADLINE_MS,
      bill: null,
    });
    const title = readTitle(await textOf(handle, signal));
    if (title === null) return;
    const [named] = await this.#ctx.db
      .update(threads)
      .set({ title, titledBy: "model" })
      .where(and(eq(threads.id, thread), eq(threads.titledBy, "question")))
      .returning({ id: threads.id });
    if (named) this.#ctx.changes.emit(`person:${run.personId}`, { type: "thread", id: thread });
  }

  /** Whether some machine with the model does nothing, titles that still wait for theirs included. */
  #hasIdleMachine(model: string): boolean {
    const served = this.#ctx.registry.statusOf(model);
    if (served === undefined) return false;
    const titles = [...this.#asked.values()].filter(({ run }) => run.model === model).length;
    return Math.max(served.slots - served.freeSlots, titles) < served.workers;
  }

  #hasRoom(model: string): boolean {
    const { registry } = this.#ctx;
    const served = registry.statusOf(model);
    return registry.status().queued === 0 && served !== undefined && served.constrains && served.freeSlots > 0;
  }

  /** True in a person's private chat after one of its first answers, or when its first question was edited. */
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
}

function cut(text: string): string {
  return text.length > READ_CHARS_MAX ? `${text.slice(0, READ_CHARS_MAX)}…` : text;
}

async function textOf(handle: JobHandle, signal: AbortSignal): Promise<string> {
  const cancel = () => void handle.cancel("the conversation goes on").catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    if (signal.aborted) cancel();
    return (await handle.result()).text;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Cleans the model's text into a name; null if nothing usable is left. */
function readTitle(text: string): string | null {
  const value: unknown = JSON.parse(text);
  if (compileConstraint(SCHEMA).validate(value) !== null) return null;
  const { title } = value as { title: string };
  const line = title.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").replace(/^[\s"'«“„.]+|[\s"'»”“.:]+$/gu, "");
  return Array.from(line).length >= 2 && /[\p{L}\p{N}]/u.test(line) ? line : null;
}
