/** POST /v1/chat/completions: one model call, whole or streamed, as the official clients expect it. */
import { Hono } from "hono";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { SSEStreamingApi } from "hono/streaming";
import { hideKeys } from "@starai/protocol/hide-keys";
import type { AppContext } from "../context.ts";
import { Refusal, asRefusal } from "../errors.ts";
import type { ApiKey } from "../gateway/api-keys.ts";
import { completionChunks, startCompletion, wholeCompletion } from "../gateway/complete.ts";
import type { Completion } from "../gateway/complete.ts";
import { officialErrorBody } from "../gateway/error-body.ts";
import { readIdempotencyKey } from "../gateway/idempotency.ts";
import { parseRequest } from "../gateway/parse-request.ts";
import { RequestsAtOnce } from "../gateway/requests-at-once.ts";
import { requireApiKey } from "./api-key.ts";
import { onlyMethod } from "./only-method.ts";

/** Proxies drop a connection after 30 to 60 s of silence. */
const KEEP_ALIVE_MS = 10_000;

export function completionRoutes(ctx: AppContext) {
  const atOnce = new RequestsAtOnce();
  return new Hono()
    .post("/v1/chat/completions", requireApiKey(ctx), async (c) => {
      const { completion, request } = await start(ctx, atOnce, c, c.get("apiKey"));
      c.header("X-Request-Id", completion.handle.id);
      if (completion.handle.bill !== null) c.header("StarAI-Receipt", completion.handle.bill);
      if (request.ignored.length > 0) c.header("StarAI-Ignored", request.ignored.join(", "));
      if (!request.stream) return c.json(await wholeForClient(completion, c.req.raw.signal));
      return streamSSE(c, (stream) => streamChunks(ctx, completion, stream));
    })
    .all("/v1/chat/completions", onlyMethod("POST"));
}

/** Counts a request against its key's limit before its body is read, so that a flood of one key is never parsed. */
async function start(ctx: AppContext, atOnce: RequestsAtOnce, c: Context, caller: ApiKey) {
  using _ = atOnce.enter(caller.id);
  const request = parseRequest(await readJson(c));
  const idempotencyKey = readIdempotencyKey(c.req.header("idempotency-key"));
  const completion = await startCompletion(ctx, caller, request, idempotencyKey);
  if (c.req.raw.signal.aborted) await cancelFor(completion);
  return { completion, request };
}

async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new Refusal("invalid_request", "The body must be JSON: send `Content-Type: application/json`.", {
      param: "Content-Type",
    });
  }
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error && hideKeys(text) === text ? error.message : "it cannot be read";
    throw new Refusal("invalid_request", `The body is not valid JSON (${reason.slice(0, 200)}); correct it.`, {
      cause: error,
    });
  }
}

/** Cancels the job of a client that disconnects, unless it sent an Idempotency-Key and can retry. */
async function wholeForClient(completion: Completion, signal: AbortSignal) {
  const cancel = () => void cancelFor(completion);
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await wholeCompletion(completion);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function streamChunks(ctx: AppContext, completion: Completion, stream: SSEStreamingApi): Promise<void> {
  stream.onAbort(() => void cancelFor(completion));
  const beat = setInterval(() => void stream.write(": still working\n\n"), KEEP_ALIVE_MS);
  try {
    for await (const chunk of completionChunks(completion)) {
      if (stream.aborted) return;
      await stream.writeSSE({ data: JSON.stringify(chunk) });
    }
    await stream.writeSSE({ data: "[DONE]" });
  } catch (error) {
    // The status is sent already: the error is an event, and without [DONE] no client takes the answer as complete.
    const refusal = asRefusal(error);
    if (refusal.code === "internal") ctx.log.error({ err: error, job: completion.handle.id }, "a stream failed");
    if (!stream.aborted) await stream.writeSSE({ data: JSON.stringify(officialErrorBody(refusal)) });
  } finally {
    clearInterval(beat);
  }
}

async function cancelFor({ handle, cancelWithClient }: Completion): Promise<void> {
  if (cancelWithClient) await handle.cancel("the client closed the connection");
}
