/**
 * llama-server as a child process: on a port of 127.0.0.1 that the system chooses, with a key that other users of this
 * machine cannot read, and in an environment without this worker's settings and secrets.
 *
 * It must not outlive the worker, however that ends: a shell between them waits for the end of a pipe that only the
 * worker holds, and then kills the server. Windows has no such shell; there the server is killed by `kill` alone.
 */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { KvType } from "../llama/child-messages.ts";
import { isHealthy } from "./server-api.ts";
import type { ServerEndpoint } from "./server-api.ts";

/** Length of the server's last output that is told with its end. */
const LAST_WORDS_CHARS = 300;
const HEALTH_EVERY_MS = 50;
/** A server answers at once whether it is well, also while it loads. */
const HEALTH_MAX_MS = 5_000;
/** The largest model of the catalogue is 19 GB: a disk that reads 21 MB a second. What takes longer hangs. */
const READY_MAX_MS = 15 * 60_000;
/** A server that was asked to end and is still there after this is killed. */
const END_MAX_MS = 1_000;
const KEY_BYTES = 32;

const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
trap '' TERM INT HUP
{ read -r _ <&3; kill -9 "$server"; } 2>/dev/null &
guard=$!
wait "$server"
code=$?
kill -9 "$guard"
exit "$code"
`;

export interface ServerOptions {
  /** Holds `llama-server` and its libraries. */
  folder: string;
  model: string;
  contextTokens: number;
  slots: number;
  kvType: KvType;
  threads: number;
  /** Most prompt tokens read at a time: for so long other jobs wait for their next token. */
  batchTokens: number;
  gpu: boolean;
}

export class ServerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #key = randomBytes(KEY_BYTES).toString("hex");
  readonly #ended: Promise<string>;
  #url: string | null = null;
  #words = "";
  #endedWhy: string | null = null;

  constructor(options: ServerOptions) {
    const [command, args] = commandOf(options);
    this.#child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own: Ctrl-C does not reach it, and a signal to the group reaches all of it.
      detached: process.platform !== "win32",
      env: environmentOf(options.folder, this.#key),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    this.#child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(`it could not be started: ${error.message}`));
      this.#child.once("exit", (code, signal) => resolve(howItEnded(code, signal)));
    });
    void this.#tidyUp();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async #tidyUp(): Promise<void> {
    this.#endedWhy = await this.#ended;
    // What is left of its group, if only its first process was killed.
    this.#signal("SIGKILL");
    this.#child.stdin.destroy();
  }

  /** Why it ended, with the end of what it wrote. */
  get ended(): Promise<string> {
    return this.#ended.then((why) => `${why}${this.#words.trim() ? `: ${this.#words.trim()}` : ""}`);
  }

  /** Resolves when the model is loaded. @throws Error when the server ends before, or is not ready for too long. */
  async ready(withinMs = READY_MAX_MS): Promise<ServerEndpoint> {
    const deadline = performance.now() + withinMs;
    while (this.#endedWhy === null) {
      const leftMs = deadline - performance.now();
      if (leftMs < 0) {
        void this.end();
        throw new Error(notReady(withinMs));
      }
      const endpoint = this.#url && { url: this.#url, key: this.#key };
      if (endpoint && (await isHealthy(endpoint, Math.min(HEALTH_MAX_MS, Math.ceil(leftMs))))) return endpoint;
      await wait(HEALTH_EVERY_MS);
    }
    throw new Error(await this.ended);
  }

  /** Seconds of processor time that the server has used; null where that cannot be read. */
  processorSeconds(): number | null {
    try {
      const stat = readFileSync(`/proc/${this.#serverPid()}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
    } catch {
      return null;
    }
  }

  /** Asks it to end, and kills it when it does not. */
  async end(): Promise<void> {
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), END_MAX_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // It has ended already.
    }
  }

  #serverPid(): number {
    const children = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8");
    return Number(children.split(" ")[0]);
  }

  #hear(text: string): void {
    const words = this.#words + text;
    // With what follows it: the words come in pieces, and one may end within the port.
    const address = /listening on (?:http:\/\/)?(127\.0\.0\.1:\d+)\s/.exec(words)?.[1];
    if (address !== undefined) this.#url ??= `http://${address}`;
    this.#words = words.slice(-LAST_WORDS_CHARS);
  }
}

/** Linux counts processor time in hundredths of a second, whatever its kernel's own clock. */
const CLOCK_TICKS_PER_S = 100;

function commandOf(options: ServerOptions): [string, string[]] {
  const program = join(options.folder, process.platform === "win32" ? "llama-server.exe" : "llama-server");
  const args = argumentsOf(options);
  return process.platform === "win32" ? [program, args] : ["/bin/sh", ["-c", GUARD, "sh", program, ...args]];
}

function argumentsOf(options: ServerOptions): string[] {
  const { model, contextTokens, slots, kvType, threads, batchTokens, gpu } = options;
  const numbers = {
    "--threads": threads,
    "--threads-batch": threads,
    "--ctx-size": contextTokens * slots,
    "--parallel": slots,
    "--batch-size": batchTokens,
    "--ubatch-size": batchTokens,
    "--port": 0,
    // By default it keeps up to 8 GiB of prompts in memory.
    "--cache-ram": 0,
  };
  const fixed = [
    "--model",
    model,
    "--alias",
    "model",
    "--host",
    "127.0.0.1",
    "--offline",
    "--no-webui",
    "--no-slots",
    "--no-kv-unified",
  ];
  const numeric = Object.entries(numbers).flatMap(([name, value]) => [name, String(value)]);
  const cache = ["--cache-type-k", kvType, "--cache-type-v", kvType];
  // A quantised V cache is only possible with flash attention.
  if (kvType !== "f16") cache.push("--flash-attn", "on");
  const device = gpu ? [] : ["--device", "none", "--gpu-layers", "0", "--fit", "off"];
  return [...fixed, ...numeric, ...cache, ...device];
}

/** What a server may know of this worker's environment: where programs are, and which cards it may use. */
const KEPT =
  /^(PATH|HOME|TMPDIR|TEMP|SystemRoot|CUDA_VISIBLE_DEVICES|GGML_VK_VISIBLE_DEVICES|VK_(ICD_FILENAMES|DRIVER_FILES))$/;

/** The key is in the environment, which other users cannot read; arguments they can. */
function environmentOf(folder: string, key: string): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name)));
  return { ...kept, DYLD_LIBRARY_PATH: folder, LD_LIBRARY_PATH: folder, LLAMA_API_KEY: key };
}

function notReady(withinMs: number): string {
  return (
    `llama-server did not load its model within ${Math.round(withinMs / 60_000)} minutes. See whether the disk is still ` +
    "reading and memory is free; then start again, choose a smaller model with STARAI_MODEL, or use the built-in engine with " +
    "STARAI_ENGINE=built-in"
  );
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  // A shell tells its child's signal as 128 and its number.
  const illegal = signal === "SIGILL" || code === 128 + 4 || code === 0xc000001d;
  if (illegal) return "this processor lacks an instruction that this build of llama.cpp uses (SIGILL)";
  return `llama-server ended (${signal ?? `exit ${code}`})`;
}
