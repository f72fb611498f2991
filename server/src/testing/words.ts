/** Words of the plumbing model for scripted workers: real ids with the text they decode to. */
import type { Lease } from "@starai/protocol/worker-frames";
import type { ScriptedWorker } from "./scripted-worker.ts";
import type { Vocabularies } from "../vocabulary/vocabularies.ts";
import type { JobEvent, JobHandle } from "../jobs/job.ts";

export class Words {
  readonly #all: { id: number; text: string }[];

  private constructor(all: { id: number; text: string }[]) {
    this.#all = all;
  }

  static async of(vocabularies: Vocabularies): Promise<Words> {
    const vocabulary = (await vocabularies.open("smollm2-135m"))!;
    const all: { id: number; text: string }[] = [];
    for (let id = 2_000; all.length < 60; id += 37) {
      const text = await vocabulary.decode([id]);
      if (/^ ?[a-z]+$/.test(text)) all.push({ id, text });
    }
    return new Words(all);
  }

  ids(from: number, to: number): number[] {
    return this.#all.slice(from, to).map((word) => word.id);
  }

  text(from: number, to: number): string {
    return this.#all
      .slice(from, to)
      .map((word) => word.text)
      .join("");
  }

  /** Speaks words `from` to `to` of the script, one frame each. */
  speak(worker: ScriptedWorker, lease: Lease, from: number, to: number): void {
    for (const word of this.#all.slice(from, to)) worker.tokens(lease, [word.id], word.text);
  }

  /** The shortest whole answer. */
  answer(worker: ScriptedWorker, lease: Lease): void {
    this.speak(worker, lease, 0, 1);
    worker.done(lease);
  }
}

/** Reads a job to its end. */
export async function read(handle: JobHandle): Promise<{ text: string; events: JobEvent[] }> {
  const events: JobEvent[] = [];
  for await (const event of handle.events()) events.push(event);
  return { events, text: events.map((event) => (event.kind === "text" ? event.text : "")).join("") };
}

/** Waits until readers have received as many characters as this text has. */
export async function heard(handle: JobHandle, text: string): Promise<void> {
  let told = "";
  for await (const event of handle.events()) {
    if (event.kind === "text") told += event.text;
    if (told.length >= text.length) return;
  }
  throw new Error(`the job ended after "${told}"`);
}
