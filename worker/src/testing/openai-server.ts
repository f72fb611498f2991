/**
 * An OpenAI-compatible server for tests: a real engine (llama.cpp with the plumbing model) behind the OpenAI wire.
 * It enforces schemas of constants only, which is what the tests use.
 */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Turn } from "@starai/protocol/template";
import { EngineFailure } from "../engines/engine.ts";
import type { Engine, EngineJob } from "../engines/engine.ts";

export interface TestServerOptions {
  /** Whether the answer repeats a given beginning, as llama-server does under a schema. */
  echoes: boolean;
  /** Whether `response_format` is enforced; an engine that ignores it answers all the same. */
  keepsSchemas: boolean;
  key: string | null;
  /** Port; by default any free one. A restarted server is given its former port. */
  port?: number;
}

interface Body {
  model: string;
  messages: Turn[];
  max_tokens: number;
  temperature?: number;
  top_p?: number;
  seed?: number;
  response_format?: { json_schema: { schema: { properties: Record<string, { const: string }> } } };
}

export interface TestServer {
  url: string;
  /** Request bodies of all completions. */
  asked: Body[];
  /** Number of jobs running in the engine. */
  running: () => number;
  /** Set to break off every answer after its first token. */
  breakOff: boolean;
  close(): Promise<void>;
}

export async function openTestServer(engine: Engine, options: TestServerOptions): Promise<TestServer> {
  let running = 0;
  const server = createServer((request, response) => void answer(request, response));
  const state: TestServer = {
    url: "",
    asked: [],
    running: () => running,
    breakOff: false,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (options.key && request.headers.authorization !== `Bearer ${options.key}`)
      return refuse(response, 401, "no key");
    if (request.url === "/v1/models")
      return void response.end(JSON.stringify({ data: [{ id: "tiny", max_model_len: 2_048 }] }));
    if (request.url !== "/v1/chat/completions") return refuse(response, 404, "no such path");
    const body = (await json(request)) as Body;
    state.asked.push(body);
    running++;
    await stream(body, response).finally(() => running--);
  }

  async function stream(body: Body, response: ServerResponse): Promise<void> {
    const cancel = new AbortController();
    response.on("close", () => cancel.abort());
    const job = jobOf(body, options);
    const send = (delta: object, finish: string | null) =>
      response.write(`data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`);
    try {
      if (options.echoes && job.committed.text) send({ content: job.committed.text }, null);
      for await (const event of engine.generate(job, cancel.signal)) {
        if (event.kind === "tokens") send({ content: event.text }, null);
        if (event.kind === "tokens" && state.breakOff) return void response.end();
        if (event.kind === "done") send({}, event.reason);
      }
      response.end("data: [DONE]\n\n");
    } catch (error) {
      const overflow = error instanceof EngineFailure && error.code === "context_overflow";
      refuse(response, overflow ? 400 : 500, overflow ? "the prompt exceeds the context" : "engine failure");
    }
  }

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

function jobOf(body: Body, { keepsSchemas }: TestServerOptions): EngineJob {
  const last = body.messages.at(-1);
  const open = last?.role === "assistant";
  const properties = body.response_format?.json_schema.schema.properties;
  return {
    turns: open ? body.messages.slice(0, -1) : body.messages,
    committed: { text: open ? last.content : "", tokens: null },
    constraint: properties && keepsSchemas ? { gbnf: grammarOf(properties), jsonSchema: {} } : null,
    sampling: { temperature: body.temperature ?? 0, topP: body.top_p ?? 1, seed: body.seed ?? 1 },
    maxTokens: body.max_tokens,
    cacheKey: "openai",
  };
}

function grammarOf(properties: Record<string, { const: string }>): string {
  const pairs = Object.entries(properties).map(([key, value]) => JSON.stringify(`"${key}":"${value.const}"`));
  return `root ::= "{" ${pairs.join(' "," ')} "}"`;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (!response.headersSent) response.writeHead(status);
  response.end(JSON.stringify({ error: { message } }));
}
