/** One server, one honest machine and people who ask: every attack runs against them and is measured by them. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { AttackedServer } from "./attacked-server.ts";
import { HonestWorker } from "./honest-worker.ts";
import { ask } from "./people.ts";
import type { Kind, Question, Reply } from "./people.ts";
import { served } from "./served-models.ts";
import type { Protection } from "./server-messages.ts";
import { TokenIds } from "./token-ids.ts";

/** API keys people ask with: each may hold eight jobs, so with this many nobody reaches that limit. */
const CALLERS = 8;
/** People asking at once: more than the honest machine has slots, so that strangers get leases too. */
const AT_ONCE = 8;
const HONEST_SLOTS = 2;
/** Time for runs that are still being written when people have their answers. */
const SETTLE_MS = 15_000;

export interface LabOptions {
  seed: number;
  /** People asked in each attack. */
  people: number;
  limits?: Record<string, number>;
  without?: readonly Protection[];
}

export class Lab {
  readonly ids: TokenIds;
  readonly options: LabOptions;
  readonly home: string;
  readonly keys: string[] = [];
  server: AttackedServer;
  readonly honest: HonestWorker;
  readonly #baseline = new Map<string, Reply[]>();
  #asked = 0;
  #leftBefore = 0;

  private constructor(parts: { ids: TokenIds; options: LabOptions; home: string; server: AttackedServer }) {
    this.ids = parts.ids;
    this.options = parts.options;
    this.home = parts.home;
    this.server = parts.server;
    this.honest = new HonestWorker({ name: "honest", models: [served({ slots: HONEST_SLOTS })], ids: parts.ids });
  }

  static async open(options: LabOptions): Promise<Lab> {
    const home = await mkdtemp(path.join(os.tmpdir(), "starai-attack-"));
    await chmod(home, 0o755);
    const ids = await TokenIds.read();
    const server = await AttackedServer.start({ home, port: 0, limits: {}, without: [], ...options });
    const lab = new Lab({ ids, options, home, server });
    for (let caller = 0; caller < CALLERS; caller++) lab.keys.push(await lab.newKey(`caller ${caller}`));
    await lab.honest.join(server.url);
    // The first questions load vocabularies and threads, and prove the honest machine to the pool.
    for (const kind of ["plain", "form", "agent"] as const) await lab.ask(kind, { count: 4 });
    return lab;
  }

  get url(): string {
    return this.server.url;
  }

  async newKey(name: string): Promise<string> {
    return String(await this.server.ask({ kind: "key", name }));
  }

  /** The same people ask the same questions of this seed, eight at once. */
  async ask(kind: Kind, { patient = false, count = this.options.people } = {}): Promise<Reply[]> {
    const time = this.#asked++;
    const replies: Reply[] = [];
    let next = 0;
    const person = async () => {
      for (let at = next++; at < count; at = next++) {
        const text = `Question ${at} of seed ${this.options.seed}`;
        const question: Question = { id: `${this.options.seed}-${time}-${kind}-${at}`, kind, text };
        const apiKey = this.keys[at % this.keys.length] ?? "";
        replies[at] = await ask(question, { url: () => this.url, apiKey, patient });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, person));
    return replies;
  }

  /** The answers people get when nobody attacks; asked once for each kind and pace. */
  async undisturbed(kind: Kind): Promise<Reply[]> {
    const day = `${kind} ${this.honest.frameMs}`;
    const known = this.#baseline.get(day);
    if (known) return known;
    // The first round is a warm-up: measured cold, it would make an attack look faster than no attack.
    await this.ask(kind);
    const baseline = await this.ask(kind);
    const failed = baseline.find((reply) => reply.kind === "failure");
    if (failed?.kind === "failure") throw new Error(`a question failed without an attack: ${failed.why}`);
    this.#baseline.set(day, baseline);
    return baseline;
  }

  /** Whether the server's database answers. */
  isServing(): Promise<boolean> {
    return fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
      (response) => response.ok,
      () => false,
    );
  }

  /**
   * Counts runs still `running` after `SETTLE_MS`. Each is counted once, so that the next attack is not blamed for
   * it.
   */
  async runsLeft(): Promise<number> {
    for (const giveUpAt = performance.now() + SETTLE_MS; ; await sleep(200)) {
      const [row] = await this.server.rows<{ left: string }>(
        "select count(*) as left from runs where status = 'running'",
      );
      const left = Number(row?.left) - this.#leftBefore;
      if (left > 0 && performance.now() < giveUpAt) continue;
      this.#leftBefore += left;
      return Math.max(0, left);
    }
  }

  /** Stops or kills the server and starts another on the same database and port. */
  async restart(how: "stopped" | "crashed"): Promise<void> {
    const port = Number(new URL(this.url).port);
    if (how === "stopped") await this.server.stop();
    else await this.server.kill();
    this.server = await AttackedServer.start({ home: this.home, port, limits: {}, without: [], ...this.options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.honest.leave();
    await this.server.stop();
    endPostgres(this.server.postgresPid);
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends the PostgreSQL that a killed server left running; the pid comes from its own folder. */
function endPostgres(pid: number | null): void {
  if (pid === null) return;
  try {
    process.kill(pid, "SIGQUIT");
  } catch {
    // It is gone already.
  }
}
