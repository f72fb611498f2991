/**
 * The whole product as a process, for tests and benchmarks that drive it from outside as a person would. It runs
 * `npm start`'s own program with its own folder and port.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface StackOptions {
  home: string;
  /** Catalogue id of the worker's model. */
  model: string;
  threads?: number;
  /** The port to listen on; a free one by default. */
  port?: number;
  env?: Record<string, string>;
  /** Words after `npm start --`. */
  args?: readonly string[];
}

export interface TranscriptMessage {
  id: number;
  from: string;
  text: string;
}

/** The fields of `GET /sim/transcript` that tests read. */
export interface Transcript {
  messages: TranscriptMessage[];
  draft: { text: string } | null;
}

export class Stack {
  readonly url: string;
  readonly port: number;
  readonly home: string;
  readonly process: ChildProcess;
  #output = "";

  private constructor(process: ChildProcess, port: number, home: string) {
    this.process = process;
    this.port = port;
    this.home = home;
    this.url = `http://127.0.0.1:${port}`;
    process.stdout?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
    process.stderr?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** Starts the stack and waits until a worker serves the model. */
  static async open(options: StackOptions): Promise<Stack> {
    const stack = await Stack.start(options);
    const child = stack.process;
    await stack.until("a worker is ready", 180_000, async () => {
      if (child.exitCode !== null) throw new Error(`the stack ended with ${child.exitCode}:\n${stack.output}`);
      const health = await fetch(`${stack.url}/healthz`).then(
        (r) => r.json(),
        () => null,
      );
      // The key is printed a moment after the worker has joined, and callers want it.
      return (
        (health as { ready?: { model?: boolean } } | null)?.ready?.model === true &&
        stack.#output.includes("sk-starai-")
      );
    });
    return stack;
  }

  /** Starts the stack and waits for nothing. */
  static async start(options: StackOptions): Promise<Stack> {
    const port = options.port ?? (await freePort());
    const child = spawn(process.execPath, ["--import", "tsx", "sandbox/src/main.ts", ...(options.args ?? [])], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PORT: String(port),
        STARAI_HOME: options.home,
        STARAI_MODEL: options.model,
        STARAI_THREADS: String(options.threads ?? 1),
        // Trying the engines takes longer than a test, and which one is better differs from machine to machine.
        STARAI_ENGINE: "built-in",
        ...options.env,
      },
    });
    return new Stack(child, port, options.home);
  }

  /** Everything the stack has printed. */
  get output(): string {
    return this.#output;
  }

  /** The sandbox's API key, from the curl line it prints. */
  get apiKey(): string {
    const key = /sk-starai-[\w-]+/.exec(this.#output)?.[0];
    if (!key) throw new Error(`no key was printed:\n${this.#output}`);
    return key;
  }

  async write(user: number, text: string): Promise<void> {
    await this.post("/sim/text", { user, text });
  }

  async post(route: string, body: unknown): Promise<unknown> {
    const response = await fetch(this.url + route, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${route} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  async transcript(user: number): Promise<Transcript> {
    const response = await fetch(`${this.url}/sim/transcript?user=${user}`);
    return (await response.json()) as Transcript;
  }

  /** Polls until `met` is true. Throws with what the stack printed when it takes longer than `limitMs`. */
  async until(what: string, limitMs: number, met: () => Promise<boolean>): Promise<void> {
    const giveUpAt = Date.now() + limitMs;
    while (Date.now() < giveUpAt) {
      if (await met()) return;
      await sleep(50);
    }
    throw new Error(`waited ${limitMs} ms for: ${what}\n${this.#output.slice(-4_000)}`);
  }

  /** Kills the main process at once, as a power cut would; its children are not signalled. */
  async killNow(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await gone;
    }
  }

  /** Signals the whole process group, as Ctrl-C in a terminal does. Returns the time until exit, ms. */
  async interrupt(): Promise<number> {
    const began = Date.now();
    if (this.process.exitCode !== null || this.process.signalCode !== null) return 0;
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.process.pid !== undefined) process.kill(-this.process.pid, "SIGINT");
    await gone;
    return Date.now() - began;
  }

  /** Pids of this stack's processes that are still alive (Linux). */
  processes(): number[] {
    return processesOf(this.home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt();
  }
}

/** Every process whose environment or command line names this data folder. */
export function processesOf(home: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => ["environ", "cmdline"].some((file) => readProc(pid, file).includes(home)))
    .map(Number);
}

function readProc(pid: string, file: string): string {
  const full = path.join("/proc", pid, file);
  try {
    return existsSync(full) ? readFileSync(full, "utf8") : "";
  } catch {
    return "";
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
