/**
 * For tests: runs whose thinking is written by the test, in place of the agent. Everything around the thinking is
 * as with real runs: the order of events, the rows in the database, resuming, cancelling.
 */
import { eq } from "drizzle-orm";
import type { Outcome, RunEvent, RunStatus, Step } from "@starai/protocol/runs";
import type { AppContext } from "../context.ts";
import { messages, runs, steps } from "../db/schema.ts";

/** Tells what a run does; without an `end` of its own it ends as answered with the deltas it told. */
export type Script = (run: { id: string; text: string; stop: AbortSignal }) => AsyncIterable<RunEvent>;

export class ScriptedRuns {
  /** Every launch that started something, in order. */
  readonly launched: string[] = [];
  script: Script = echo;
  readonly #db: AppContext["db"];
  readonly #live = new Map<string, LiveScript>();

  constructor(db: AppContext["db"]) {
    this.#db = db;
  }

  launch(id: string): void {
    void this.#launch(id);
  }

  async #launch(id: string): Promise<void> {
    const live = this.#get(id);
    if (live.launched) return;
    live.launched = true;
    const [row] = await this.#db
      .select({ status: runs.status, text: messages.text })
      .from(runs)
      .innerJoin(messages, eq(messages.id, runs.messageId))
      .where(eq(runs.id, id));
    if (row?.status !== "running") return;
    this.launched.push(id);
    void this.#play(live, row.text);
  }

  async *events(id: string, lastEventId?: string): AsyncGenerator<{ id: string; event: RunEvent }> {
    const live = this.#get(id);
    const [row] = await this.#db.select().from(runs).where(eq(runs.id, id));
    if (row && row.status !== "running" && live.events.length === 0) {
      yield { id: "0", event: { type: "end", outcome: row.outcome ?? { kind: "answered" }, answer: row.answer } };
      return;
    }
    for (let at = lastEventId === undefined ? 0 : Number(lastEventId) + 1; ; at++) {
      while (live.events[at] === undefined) await live.news();
      const event = live.events[at] as RunEvent;
      yield { id: String(at), event };
      if (event.type === "end") return;
    }
  }

  async cancel(id: string): Promise<void> {
    this.#get(id).stop.abort();
  }

  /** As after a restart of the server: nothing live is known any more. */
  forget(): void {
    this.#live.clear();
  }

  #get(id: string): LiveScript {
    const known = this.#live.get(id) ?? new LiveScript(id);
    this.#live.set(id, known);
    return known;
  }

  async #play(live: LiveScript, text: string): Promise<void> {
    let answer = "";
    let end: Extract<RunEvent, { type: "end" }> | null = null;
    for await (const event of this.script({ id: live.id, text, stop: live.stop.signal })) {
      if (event.type === "answer") answer += event.delta;
      if (event.type === "step") await this.#db.insert(steps).values({ ...event.step, runId: live.id });
      if (event.type === "end") end = event;
      else live.add(event);
    }
    const outcome: Outcome = live.stop.signal.aborted ? { kind: "stopped" } : { kind: "answered" };
    end ??= { type: "end", outcome, answer };
    const status: RunStatus = end.outcome.kind;
    await this.#db
      .update(runs)
      .set({ status, outcome: end.outcome, answer: end.answer, finishedAt: new Date() })
      .where(eq(runs.id, live.id));
    live.add(end);
  }
}

class LiveScript {
  readonly id: string;
  readonly events: RunEvent[] = [];
  readonly stop = new AbortController();
  launched = false;
  #wake: () => void = () => undefined;
  #news = this.#promise();

  constructor(id: string) {
    this.id = id;
  }

  add(event: RunEvent): void {
    this.events.push(event);
    const wake = this.#wake;
    this.#news = this.#promise();
    wake();
  }

  news(): Promise<void> {
    return this.#news;
  }

  #promise(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

async function* echo({ text }: { text: string }): AsyncGenerator<RunEvent> {
  yield { type: "thought", delta: "I repeat what was said." };
  yield { type: "answer", delta: `You said: ${text}` };
}

/** Something a script waits for until the test lets it go on. */
export class Gate {
  readonly opened: Promise<void>;
  open!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

export function stepOf(fields: Partial<Step> = {}): Step {
  return {
    index: 0,
    thought: "I know this.",
    action: { kind: "final_answer", text: "42" },
    observation: null,
    job: null,
    model: "smollm2-135m",
    worker: "w",
    attempts: 1,
    promptTokens: 10,
    completionTokens: 5,
    elapsedMs: 700,
    ...fields,
  };
}
