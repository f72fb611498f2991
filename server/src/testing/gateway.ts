/** A gateway for tests: the real routes over a real pool, with a key to call them; the workers are scripted. */
import type { ServedModel } from "@starai/protocol/worker-frames";
import { createApp } from "../app.ts";
import { expectBooksRight } from "./books.ts";
import { openPoolStack } from "./pool-stack.ts";
import type { StackLimits, PoolStack } from "./pool-stack.ts";
import type { ScriptedWorker } from "./scripted-worker.ts";
import type { Vocabularies } from "../vocabulary/vocabularies.ts";
import { createApiKey } from "../gateway/api-keys.ts";

export interface TestGateway extends AsyncDisposable {
  readonly stack: PoolStack;
  readonly app: ReturnType<typeof createApp>;
  readonly key: string;
  /** POSTs a completion; what the body leaves out is filled in. */
  ask(body: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>;
  post(text: string, headers?: Record<string, string>): Promise<Response>;
  /** A worker whose engine gives no token ids, so that a test may make it send any text. */
  worker(served?: Partial<ServedModel>): Promise<ScriptedWorker>;
}

export const TEST_MODEL = "smollm2-135m";

export async function openGateway(vocabularies: Vocabularies, limits: StackLimits = {}): Promise<TestGateway> {
  const stack = await openPoolStack(vocabularies, limits);
  const app = createApp(stack.ctx);
  const { key } = await createApiKey(stack.ctx, "test");
  const post = async (text: string, headers: Record<string, string> = {}) =>
    app.request("/v1/chat/completions", {
      method: "POST",
      body: text,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    });
  return {
    stack,
    app,
    key,
    post,
    ask: (body, headers) =>
      post(JSON.stringify({ model: TEST_MODEL, messages: [{ role: "user", content: "Hello" }], ...body }), headers),
    worker: (served) => stack.worker("ann", { tokenIds: false, ...served }),
    // The books are right after every test of the gateway, whatever it asked for.
    async [Symbol.asyncDispose]() {
      try {
        await expectBooksRight(stack.ctx.pg);
      } finally {
        await stack[Symbol.asyncDispose]();
      }
    },
  };
}

/** The next lease is answered with this text, in pieces. */
export async function answer(worker: ScriptedWorker, text: string, reason: "stop" | "length" = "stop") {
  const lease = await worker.lease();
  for (const piece of text.match(/.{1,7}/gsu) ?? []) worker.tokens(lease, null, piece);
  worker.done(lease, reason);
  return lease;
}

/** The data of a server-sent event stream, in order. */
export async function readEvents(response: Response): Promise<string[]> {
  const text = await response.text();
  return text
    .split("\n\n")
    .filter((event) => event.startsWith("data: "))
    .map((event) => event.slice("data: ".length));
}
