/** A worker of its own for a test: a home, a key, an engine behind a real socket that costs nothing, and a played pool. */
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { pino } from "pino";
import type { WorkerConfig } from "../config.ts";
import { TestPool } from "./pool.ts";

export const silent = pino({ level: "silent" });

export interface WorkerHome {
  config: WorkerConfig;
  pool: TestPool;
  /** Where the pool's API is. */
  base: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function makeWorkerHome(pool = new TestPool()): Promise<WorkerHome> {
  const home = await mkdtemp(join(tmpdir(), "starai-worker-"));
  const engine = await openWordEngine();
  const poolUrl = await pool.listening();
  return {
    pool,
    base: poolUrl.replace("ws:", "http:").replace("/pool", ""),
    config: {
      home,
      poolUrl,
      modelsFolder: join(home, "models"),
      name: "test",
      engines: [{ kind: "openai", url: engine.url, key: null, model: "smollm2-135m", engineModel: "m" }],
      threads: 1,
      logLevel: "silent",
    },
    [Symbol.asyncDispose]: async () => {
      await pool.close();
      await engine.close();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** An OpenAI-compatible server that writes a word every 5 ms, as many as are asked for. */
async function openWordEngine() {
  const server = createServer((request, response) => {
    if (request.url?.endsWith("/models")) return void response.end(JSON.stringify({ data: [{ id: "m" }] }));
    void json(request).then((body) => writeWords(response, (body as { max_tokens: number }).max_tokens));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function writeWords(response: ServerResponse, words: number): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  let left = words;
  const timer = setInterval(() => {
    left -= 1;
    const choice = { delta: { content: "word " }, finish_reason: left > 0 ? null : "length" };
    response.write(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
    if (left > 0) return;
    clearInterval(timer);
    response.end("data: [DONE]\n\n");
  }, 5);
  response.on("close", () => clearInterval(timer));
}
