/**
 * llama-server as a child process: on a port of 127.0.0.1 that the system chooses, with a key that other users of this
 * machine cannot read. As the head of a group it computes the layers of others over RPC.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { KvType } from "../llama/child-messages.ts";
import { GuardedProcess } from "./guarded-process.ts";
import { RpcWatch, rpcArguments } from "./rpc-devices.ts";
import type { RpcLayers } from "./rpc-devices.ts";
import { isHealthy } from "./server-api.ts";
import type { ServerEndpoint } from "./server-api.ts";

const HEALTH_EVERY_MS = 50;
/** A server answers at once whether it is well, also while it loads. */
const HEALTH_MAX_MS = 5_000;
/** The largest model of the catalogue is 19 GB: a disk that reads 21 MB a second. What takes longer hangs. */
const READY_MAX_MS = 15 * 60_000;
const KEY_BYTES = 32;

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
  /** The layer servers of a group; absent: it computes everything itself. */
  rpc?: RpcLayers;
}

export class ServerProcess {
  readonly #process: GuardedProcess;
  readonly #key = randomBytes(KEY_BYTES).toString("hex");
  readonly #rpc: RpcWatch;
  #url: string | null = null;

  constructor(options: ServerOptions) {
    this.#rpc = new RpcWatch(options.rpc);
    this.#process = new GuardedProcess({
      folder: options.folder,
      program: "llama-server",
      args: argumentsOf(options),
      // Other users cannot read the environment; arguments they can.
      environment: { LLAMA_API_KEY: this.#key },
      hear: (words) => this.#hear(words),
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Why it ended, with the end of what it wrote. */
  get ended(): Promise<string> {
    return this.#process.ended;
  }

  /**
   * Resolves when the model is loaded, on every machine that it is to be on.
   * @throws Error when the server ends before, or is not ready for too long
   */
  async ready(withinMs = READY_MAX_MS): Promise<ServerEndpoint> {
    const deadline = performance.now() + withinMs;
    while (!this.#process.hasEnded) {
      const leftMs = deadline - performance.now();
      if (leftMs < 0) {
        await this.#kill();
        throw new Error(notReady(withinMs));
      }
      const endpoint = this.#url && { url: this.#url, key: this.#key };
      const isUp = endpoint && (await isHealthy(endpoint, Math.min(HEALTH_MAX_MS, Math.ceil(leftMs))));
      // A server that does not reach a layer server loads everything itself and calls itself healthy.
      const fault = this.#rpc.fault(isUp === true);
      if (fault !== null) await this.#kill();
      if (fault !== null) throw new Error(fault);
      if (isUp) return endpoint;
      await wait(HEALTH_EVERY_MS);
    }
    const fault = this.#rpc.fault(false);
    throw new Error(`${fault === null ? "" : `${fault}; `}${await this.ended}`);
  }

  /** Seconds of processor time that the server has used; null where that cannot be read. */
  processorSeconds(): number | null {
    try {
      const stat = readFileSync(`/proc/${this.#process.programPid()}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_S;
    } catch {
      return null;
    }
  }

  /** Asks it to end, and kills it when it does not. */
  async end(): Promise<void> {
    await this.#process.end();
  }

  /** Ends it at once; it cannot object. */
  kill(): void {
    this.#process.signal("SIGKILL");
  }

  async #kill(): Promise<void> {
    this.kill();
    await this.ended;
  }

  #hear(words: string): void {
    // With what follows it: the words come in pieces, and one may end within the port.
    const address = /listening on (?:http:\/\/)?(127\.0\.0\.1:\d+)\s/.exec(words)?.[1];
    if (address !== undefined) this.#url ??= `http://${address}`;
    this.#rpc.hear(words);
  }
}

/** Linux counts processor time in hundredths of a second, whatever its kernel's own clock. */
const CLOCK_TICKS_PER_S = 100;

function argumentsOf(options: ServerOptions): string[] {
  const { model, contextTokens, slots, kvType, threads, batchTokens, gpu, rpc } = options;
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
  return [...fixed, ...numeric, ...cache, ...deviceArguments(gpu, rpc)];
}

function deviceArguments(gpu: boolean, rpc: RpcLayers | undefined): string[] {
  if (rpc) return rpcArguments(rpc);
  return gpu ? [] : ["--device", "none", "--gpu-layers", "0", "--fit", "off"];
}

function notReady(withinMs: number): string {
  return (
    `llama-server did not load its model within ${Math.round(withinMs / 60_000)} minutes. See whether the disk is still ` +
    "reading and memory is free; then start again, choose a smaller model with STARAI_MODEL, or use the built-in engine with " +
    "STARAI_ENGINE=built-in"
  );
}
