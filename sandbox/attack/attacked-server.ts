/** The attacker's hold on the server's process: starts it, asks it, stops it, kills it. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ServerQuestion, ServerReply, ServerSetup } from "./server-messages.ts";

/** A stop writes what is unfinished; a server that takes longer hangs, and is killed. */
const STOP_MS_MAX = 30_000;
/** What a process printed, kept for the report of its end. */
const PRINTED_CHARS_MAX = 20_000;

interface Asked {
  resolve: (value: unknown) => void;
  reject: (fault: Error) => void;
}

export class AttackedServer {
  readonly #child: ChildProcess;
  readonly #home: string;
  readonly #asked = new Map<number, Asked>();
  #nextId = 1;
  #printed = "";
  url = "";

  private constructor(child: ChildProcess, home: string) {
    this.#child = child;
    this.#home = home;
    for (const stream of [child.stdout, child.stderr])
      stream?.on(
        "data",
        (text: Buffer) => (this.#printed = (this.#printed + String(text)).slice(0, PRINTED_CHARS_MAX)),
      );
    this.ready = new Promise((resolve, reject) => this.#asked.set(0, { resolve: () => resolve(), reject }));
    this.ready.catch(() => undefined);
    child.on("message", (reply) => this.#answered(reply as ServerReply));
    child.once("exit", (code, signal) => this.#ended(`the server's process ended (${code ?? signal})`));
  }

  /** Resolves once it listens; rejects with what it printed when it ends before. */
  readonly ready: Promise<void>;

  /** Its process begins; see `ready`. */
  static launch(setup: ServerSetup): AttackedServer {
    const child = fork(fileURLToPath(new URL("./server-child.ts", import.meta.url)), [JSON.stringify(setup)], {
      execArgv: ["--expose-gc", "--import", "tsx"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    return new AttackedServer(child, setup.home);
  }

  /** @throws with what it printed when it does not come up */
  static async start(setup: ServerSetup): Promise<AttackedServer> {
    const server = AttackedServer.launch(setup);
    await server.ready;
    return server;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it printed beside its log: nothing, or why it ended. */
  get printed(): string {
    return this.#printed;
  }

  /** The worst lateness of its event loop since this was asked last, ms. */
  async lagMs(): Promise<number> {
    return Number(await this.ask({ kind: "lag" }));
  }

  async rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.ask({ kind: "rows", sql, values })) as Row[];
  }

  ask(question: ServerQuestion): Promise<unknown> {
    if (!this.isAlive) return Promise.reject(new Error("the server's process is gone"));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#child.send({ id, question });
    });
  }

  /** As a deployment does. */
  async stop(): Promise<void> {
    if (!this.isAlive) return;
    const late = sleep(STOP_MS_MAX).then(() => this.kill());
    await Promise.race([this.ask({ kind: "stop" }).catch(() => undefined), late]);
    await this.#gone();
  }

  /** As a power cut does; its PostgreSQL lives on, and the next start finds it. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#gone();
  }

  /** The pid of its embedded PostgreSQL, while that runs. */
  get postgresPid(): number | null {
    const file = path.join(this.#home, "database", "data", "postmaster.pid");
    return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : null;
  }

  async #gone(): Promise<void> {
    if (this.isAlive) await new Promise((resolve) => this.#child.once("exit", resolve));
  }

  #answered(reply: ServerReply): void {
    if (reply.kind === "ready") this.url = reply.url;
    const id = reply.kind === "ready" ? 0 : reply.id;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (reply.kind === "fault") asked?.reject(new Error(reply.message));
    else asked?.resolve(reply.kind === "answer" ? reply.value : null);
  }

  #ended(how: string): void {
    for (const { reject } of this.#asked.values()) reject(new Error(`${how}\n${this.#printed}`));
    this.#asked.clear();
  }
}
