/** A worker that plays a script instead of running an engine, over the real wire protocol. */
import type { Lease } from "@starai/protocol/worker-frames";
import { ScriptedWorker, newKeys } from "@starai/server/testing/scripted-worker";
import type { Script } from "@starai/server/testing/scripted-thinking";

const SPEED = { prefillTokensPerS: 900, decodeTokensPerS: 61 };
/** Larger than any engine here would offer, so that only the server's own limits take effect. */
const CONTEXT_TOKENS = 16_384;

export class PlayedWorker {
  readonly #model: { id: string; sha256: string };
  readonly #script: Script;
  /** The same machine whenever it joins. */
  readonly keys = newKeys();
  #worker: ScriptedWorker | null = null;

  constructor(model: { id: string; sha256: string }, script: Script) {
    this.#model = model;
    this.#script = script;
  }

  async join(url: string): Promise<void> {
    const facts = { engine: "played", kvType: "f16", constraint: "gbnf", tokenIds: false } as const;
    const served = { ...this.#model, ...facts, ...SPEED, contextTokens: CONTEXT_TOKENS, slots: 4 };
    const worker = new ScriptedWorker("played", [served], this.keys);
    this.#worker = worker;
    await worker.join(url);
    void this.#work(worker).catch(() => undefined);
  }

  async leave(): Promise<void> {
    await this.#worker?.leave();
    this.#worker = null;
  }

  /** Rejects when the connection closes, since waiting for the next lease throws then. */
  async #work(worker: ScriptedWorker): Promise<never> {
    for (;;) {
      const lease = await worker.lease();
      void this.#play(worker, lease);
    }
  }

  async #play(worker: ScriptedWorker, lease: Lease): Promise<void> {
    const stop = new AbortController();
    void worker.frame("cancel", { job: lease.job, fence: lease.fence }).then(
      () => stop.abort(),
      () => stop.abort(),
    );
    // Text delivered by an earlier attempt is not sent again.
    let skip = lease.committed.text.length;
    for await (const text of this.#script({ ...questionOf(lease), stop: stop.signal })) {
      if (stop.signal.aborted) return;
      const fresh = text.slice(skip);
      skip = Math.max(0, skip - text.length);
      if (fresh !== "") worker.tokens(lease, null, fresh);
    }
    worker.done(lease);
  }
}

/** The person's last question, and the number of steps done for it since. */
function questionOf({ turns }: Lease): { question: string; turns: string[]; step: number } {
  const asked = turns.findLastIndex(({ role, content }) => role === "user" && !isResult(content));
  const step = turns.slice(asked + 1).filter(({ role, content }) => role === "user" && isResult(content)).length;
  return { question: turns[asked]?.content ?? "", turns: turns.map(({ content }) => content), step };
}

function isResult(content: string): boolean {
  return content.startsWith("<result");
}
