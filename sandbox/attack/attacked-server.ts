/** Controls the attacked server's process: starts, queries, stops and kills it. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ServerQuestion, ServerReply, ServerSetup } from "./server-messages.ts";

/** Longest graceful stop, in which unfinished work is stored; after this the server counts as hung and is killed. */
const STOP_MS_MAX = 30_000;
/** Output kept for the report when the process ends. */
const PRINTED_CHARS_MAX = 20_000;

interface PendingReply {
  resolve: (value: unknown) => void;
  reject: (fault: Error) => void;
}

export class AttackedServer {
  readonly #child: ChildProcess;
  readonly #home: string;
  readonly #pending = new Map<number, PendingReply>();
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
    this.ready = new Promise((resolve, reject) => this.#pending.set(0, { resolve: () => resolve(), reject }));
    this.ready.catch(() => undefined);
    child.on("message", (reply) => this.#onReply(reply as ServerReply));
    child.once("exit", (code, signal) => this.#onExit(`the server's process ended (${code ?? signal})`));
  }

  /** Resolves once the server listens; rejects with its output when the process exits before that. */
  readonly ready: Promise<void>;

  /** Starts the process without waiting for it to listen; see `ready`. */
  static launch(setup: ServerSetup): AttackedServer {
    const child = fork(fileURLToPath(new URL("./server-child.ts", import.meta.url)), [JSON.stringify(setup)], {
      execArgv: ["--expose-gc", "--import", "tsx"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    return new AttackedServer(child, setup.home);
  }

  /** @throws with the process's output when the server does not come up */
  static async start(setup: ServerSetup): Promise<AttackedServer> {
    const server = AttackedServer.launch(setup);
    await server.ready;
    return server;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Output beside the log: empty, or the reason the process ended. */
  get printed(): string {
    return this.#printed;
  }

  /** Highest event-loop delay since the previous call, ms. */
  async lagMs(): Promise<number> {
    return Number(await this.ask({ kind: "lag" }));
  }

  async rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.ask({ kind: "rows", sql, values })) as Row[];
  }

  ask(question: ServerQuestion): Promise<unknown> {
    if (!this.isAlive) return Promise.reject(new Error("the server's process has ended"));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, question });
    });
  }

  /** Stops gracefully, as a deployment does. */
  async stop(): Promise<void> {
    if (!this.isAlive) return;
    const late = sleep(STOP_MS_MAX).then(() => this.kill());
    await Promise.race([this.ask({ kind: "stop" }).catch(() => undefined), late]);
    await this.#exited();
  }

  /** Kills the process, as a power cut does; its PostgreSQL keeps running, and the next start finds it. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited();
  }

  /** The pid of its embedded PostgreSQL, while that runs. */
  get postgresPid(): number | null {
    const file = path.join(this.#home, "database", "data", "postmaster.pid");
    return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : null;
  }

  async #exited(): Promise<void> {
    if (this.isAlive) await new Promise((resolve) => this.#child.once("exit", resolve));
  }

  #onReply(reply: ServerReply): void {
    if (reply.kind === "ready") this.url = reply.url;
    const id = reply.kind === "ready" ? 0 : reply.id;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (reply.kind === "fault") pending?.reject(new Error(reply.message));
    else pending?.resolve(reply.kind === "answer" ? reply.value : null);
  }

  #onExit(how: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(`${how}\n${this.#printed}`));
    this.#pending.clear();
  }
}
