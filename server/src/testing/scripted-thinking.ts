/**
 * For tests: the pool at its JobHandle edge, so that everything from the agent outwards is real and only the model's
 * words are written by the test, as they come. Like the pool it has one job per key, which emits its text from the
 * start.
 */
import { randomUUID } from "node:crypto";
import { Refusal } from "../errors.ts";
import type { JobEvent, JobHandle, JobInput, JobResult } from "../jobs/job.ts";

/**
 * A model's text for a step, piece by piece; a thrown Refusal fails the job. `question` is what the person wrote,
 * `turns` all the model was given.
 */
export type Script = (job: {
  question: string;
  turns: string[];
  step: number;
  stop: AbortSignal;
}) => AsyncIterable<string>;

export class ScriptedThinking {
  /** The questions whose first step was started, in order. */
  readonly begun: string[] = [];
  script: Script = ({ question }) => answers(`You said: ${question}`);
  readonly #jobs = new Map<string, ScriptedJob>();

  readonly submit = async (input: JobInput): Promise<JobHandle> => {
    const known = this.#jobs.get(input.key);
    if (known && !known.failed) return known;
    const said = input.turns.filter(({ role, content }) => role === "user" && !content.startsWith("<result"));
    const question = said.at(-1)?.content ?? "";
    const step = Number(/:(\d+)(?::again)?$/.exec(input.key)?.[1]);
    if (step === 0) this.begun.push(question);
    const turns = input.turns.map(({ content }) => content);
    const job = new ScriptedJob((stop) => this.script({ question, turns, step, stop }));
    this.#jobs.set(input.key, job);
    return job;
  };
}

/** A model that thinks, and then answers word by word. */
export async function* answers(words: string | AsyncIterable<string>, thought = ""): AsyncGenerator<string> {
  yield* thinks(thought);
  yield `","action":{"final_answer":"`;
  if (typeof words === "string") yield inside(words);
  else for await (const word of words) yield inside(word);
  yield `"}}`;
}

/** The beginning of a thought, without its end. */
export function* thinks(thought: string): Generator<string> {
  yield `{"thought":"${inside(thought)}`;
}

export async function* calls(tool: string, args: object, thought: string): AsyncGenerator<string> {
  yield JSON.stringify({ thought, action: { [tool]: args } });
}

function inside(text: string): string {
  return JSON.stringify(text).slice(1, -1);
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

class ScriptedJob implements JobHandle {
  readonly bill = null;
  readonly id = randomUUID();
  readonly #events: JobEvent[] = [{ kind: "leased", worker: "a machine", attempt: 1 }];
  readonly #stop = new AbortController();
  #news = new Gate();
  #text = "";

  constructor(script: (stop: AbortSignal) => AsyncIterable<string>) {
    void this.#write(script(this.#stop.signal));
  }

  get failed(): boolean {
    return this.#events.at(-1)?.kind === "failed";
  }

  async *events(): AsyncGenerator<JobEvent> {
    for (let at = 0; ; at++) {
      while (this.#events[at] === undefined) await this.#news.opened;
      const event = this.#events[at];
      if (event === undefined) return;
      yield event;
      if (event.kind === "done" || event.kind === "failed") return;
    }
  }

  async result(): Promise<JobResult> {
    for await (const event of this.events()) {
      if (event.kind === "done") return event.result;
      if (event.kind === "failed") throw new Refusal(event.code, event.message);
    }
    throw new Error("a job ends with done or failed");
  }

  async cancel(): Promise<void> {
    this.#stop.abort();
    this.#emit({ kind: "failed", code: "cancelled", message: "stopped" });
  }

  async #write(script: AsyncIterable<string>): Promise<void> {
    try {
      for await (const text of script) {
        this.#text += text;
        this.#emit({ kind: "text", text });
      }
      this.#emit({ kind: "done", result: this.#result() });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#emit({ kind: "failed", code: error.code, message: error.message });
    }
  }

  #emit(event: JobEvent): void {
    const last = this.#events.at(-1)?.kind;
    if (last === "done" || last === "failed") return;
    this.#events.push(event);
    const news = this.#news;
    this.#news = new Gate();
    news.open();
  }

  #result(): JobResult {
    const usage = { promptTokens: 100, completionTokens: this.#text.length, estimated: false };
    const times = { firstTokenMs: 5, elapsedMs: 10 };
    return { text: this.#text, finishReason: "stop", usage, worker: "a machine", attempts: 1, ...times };
  }
}
