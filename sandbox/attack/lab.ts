/** One server, one honest machine, and people who ask: what every attack is waged on, and measured by. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { AttackedServer } from "./attacked-server.ts";
import { HonestWorker } from "./honest-worker.ts";
import { ask } from "./people.ts";
import type { Kind, Question, Told } from "./people.ts";
import { served } from "./served-models.ts";
import type { Protection } from "./server-messages.ts";
import { TokenIds } from "./token-ids.ts";

/** Each caller may hold eight jobs; so many callers are nobody's crowd. */
const CALLERS = 8;
/** People who wait at once are more than the honest machine has slots for, or strangers would not be asked at all. */
const AT_ONCE = 8;
const HONEST_SLOTS = 2;
/** What is still being written when people have their answers gets this long to be written. */
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
  readonly #calm = new Map<string, Told[]>();
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
    // The first questions wait for vocabularies and threads, and for the honest machine to be no stranger itself.
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
  async ask(kind: Kind, { patient = false, count = this.options.people } = {}): Promise<Told[]> {
    const time = this.#asked++;
    const told: Told[] = [];
    let next = 0;
    const person = async () => {
      for (let at = next++; at < count; at = next++) {
        const text = `Question ${at} of seed ${this.options.seed}`;
        const question: Question = { id: `${this.options.seed}-${time}-${kind}-${at}`, kind, text };
        const apiKey = this.keys[at % this.keys.length] ?? "";
        told[at] = await ask(question, { url: () => this.url, apiKey, patient });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, person));
    return told;
  }

  /** What they are told when nobody attacks. */
  async undisturbed(kind: Kind): Promise<Told[]> {
    const day = `${kind} ${this.honest.frameMs}`;
    const known = this.#calm.get(day);
    if (known) return known;
    // The first time some thread or memory is still cold, and an attack would look like a cure.
    await this.ask(kind);
    const calm = await this.ask(kind);
    const failed = calm.find((told) => told.kind === "failure");
    if (failed?.kind === "failure") throw new Error(`nobody attacked, and a person was told: ${failed.why}`);
    this.#calm.set(day, calm);
    return calm;
  }

  /** Whether its database answers it. */
  isServing(): Promise<boolean> {
    return fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(
      (response) => response.ok,
      () => false,
    );
  }

  /**
   * Runs that say `running` although nothing more comes, once what is being written had its time. Each is told once:
   * the next attack is not blamed for them.
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

  /** Another server on the same rows and the same port, after one that was stopped or killed. */
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

/** The database of a server that was killed is still there; its pid comes from its own folder. */
function endPostgres(pid: number | null): void {
  if (pid === null) return;
  try {
    process.kill(pid, "SIGQUIT");
  } catch {
    // It is gone already.
  }
}
