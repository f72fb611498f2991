/**
 * Complete requests of real clients (`strangers-requests.json`; only the model's name was changed), and the answer to
 * each. Those about the launch and the Origin are tested with the sessions and with the origin guard.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleGbnf, seededRandom } from "../grammar/gbnf-sampler.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import { bodyOf } from "../testing/completions.ts";
import { TEST_MODEL, openGateway, readEvents } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";

interface Stranger {
  id: string;
  input: Record<string, unknown> & { stream?: boolean };
}

const strangers = new Map(
  (JSON.parse(readFileSync(new URL("strangers-requests.json", import.meta.url), "utf8")) as Stranger[]).map(
    ({ id, input }) => [id, { ...input, model: TEST_MODEL }],
  ),
);

const vocabularies = testVocabularies();
let gateway: TestGateway;
let worker: ScriptedWorker;
type Lease = Awaited<ReturnType<ScriptedWorker["lease"]>>;
beforeAll(async () => {
  gateway = await openGateway(vocabularies);
  worker = await gateway.worker({ contextTokens: 8_192 });
  // It ends with its socket.
  void work().catch(() => undefined);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
});

function ask(id: string, more: Record<string, unknown> = {}): Promise<Response> {
  const body = strangers.get(id);
  if (body === undefined) throw new Error(`there is no ${id} among the strangers' requests`);
  return gateway.ask({ ...body, ...more });
}

/** The worker answers every lease, also the second lease of a job that was lost because the machine is slow. */
let words: (lease: Lease) => string = () => "";
let lastLease: Lease;
async function work(): Promise<void> {
  for (;;) {
    lastLease = await worker.lease();
    worker.tokens(lastLease, null, words(lastLease).slice(lastLease.committed.text.length));
    worker.done(lastLease);
  }
}

/** Sends the request and answers it with `text`. Returns the worker's lease and the client's response. */
async function served(id: string, text: string, more: Record<string, unknown> = {}) {
  words = () => text;
  const response = await ask(id, more);
  // A stream begins before its lease.
  const said = await response.clone().text();
  expect(response.ok ? "" : said).toBe("");
  return { lease: lastLease, response };
}

/** Sends the request and answers it with a random text of its grammar. */
async function servedAnyhow(id: string) {
  words = ({ constraint }) => sampleGbnf(constraint?.gbnf ?? "", { random: seededRandom(7) });
  const response = await ask(id);
  expect(response.status).toBe(200);
  return { lease: lastLease, body: await bodyOf(response) };
}

const message = (content: string) => JSON.stringify({ action: "message", content });

test("more than 64 tools are accepted, and more than 128 are refused with the limit", async () => {
  const { lease } = await served("tools-more-than-64", message("Hi"));
  expect(lease.constraint?.gbnf).toContain("tool_64");
  const tools = Array.from({ length: 129 }, (_, index) => ({ type: "function", function: { name: `t${index}` } }));
  expect((await bodyOf(await gateway.ask({ tools }))).error?.message).toContain("send only those");
});

test("`required: null` means no `required`", async () => {
  const { lease } = await served("tools-required-null", message("Hi"));
  expect(lease.constraint?.gbnf).toContain("list_documents");
});

test.each(["tools-schema-only-args-string", "tools-empty-schema-args-string"])(
  "a tool whose parameters say nothing is called with an empty object (%s)",
  async (id) => {
    const { body } = await servedAnyhow(id);
    expect(body.choices[0]?.message.tool_calls?.[0]?.function).toEqual({ name: "get_next_tasks", arguments: "{}" });
  },
);

test("with tools the model is shown no turn that the caller did not send", async () => {
  const { lease } = await served("tools-few-shot-leak", message("Hi"));
  const [system, ...turns] = lease.turns;
  expect(system?.role).toBe("system");
  expect(system?.content).toContain('{"action":"call","name":"calc","arguments":{"expr":"…"}}');
  expect(turns).toEqual([
    { role: "user", content: "My name is Ann and I live in Oslo." },
    { role: "assistant", content: message("Nice to meet you, Ann.") },
    { role: "user", content: "List all the questions I asked you so far in this conversation." },
  ]);
  expect(JSON.stringify(lease.turns)).not.toMatch(/sky|please use/i);
});

test("members of messages that cannot change the answer are ignored", async () => {
  const { lease, response } = await served("body-codecompanion", "Hi");
  expect((await readEvents(response)).at(-1)).toBe("[DONE]");
  expect(response.headers.get("StarAI-Ignored")).toBeNull();
  expect(lease.turns).toEqual([
    { role: "system", content: "You help with code." },
    { role: "user", content: "Say hi" },
  ]);
});

test("members of text parts that cannot change the answer are ignored", async () => {
  const { lease } = await served("body-cache_control", "Hi");
  expect(lease.turns).toEqual([{ role: "user", content: "Say hi" }]);
});

test("an answer that a client sends back, nulls included, is accepted as a message", async () => {
  const { lease } = await served("body-sdk-dump-null", "Hi");
  expect(lease.turns[1]).toEqual({ role: "assistant", content: "Hello!" });
});

test("an assistant message without content is an empty turn", async () => {
  const { lease } = await served("body-assistant-null", "Hi");
  expect(lease.turns[1]).toEqual({ role: "assistant", content: "" });
});

test("an empty list of tools means no tools, also with tool_choice auto", async () => {
  const { lease } = await served("body-empty-tools-auto", "Hi");
  expect(lease.constraint).toBeNull();
});

test("top_p 0 is greedy, at any temperature", async () => {
  await served("body-top_p-0", "Hi");
  const { lease } = await served("body-top_p-0", "Hi", { temperature: 1.5 });
  expect(lease.sampling).toMatchObject({ temperature: 0, topP: 1 });
});

test("with tools, stop ends the text of a message", async () => {
  const { response } = await served("body-stop-with-tools", message("42\nObservation: made up"));
  expect((await bodyOf(response)).choices[0]).toMatchObject({ message: { content: "42" }, finish_reason: "stop" });
});

test("a penalty is ignored, and the answer's header says so", async () => {
  const { response } = await served("body-presence_penalty", "Hi");
  expect(response.headers.get("StarAI-Ignored")).toBe("presence_penalty");
});

test("a schema beside json_object is enforced", async () => {
  const { lease, body } = await servedAnyhow("body-json_object-schema");
  expect(JSON.parse(body.choices[0]?.message.content ?? "")).toEqual({ a: expect.any(String) });
  expect(lease.turns[0]?.content).toContain('"required":["a"]');
});

test("`functions` is refused with the advice to send `tools`", async () => {
  const response = await ask("body-functions-legacy");
  expect(response.status).toBe(400);
  expect((await bodyOf(response)).error).toMatchObject({
    param: "functions",
    message: expect.stringContaining("send `tools` instead"),
  });
});

test("a prompt longer than the context is refused with the code and words that agents look for", async () => {
  const response = await ask("error-context-code");
  expect(response.status).toBe(400);
  expect((await bodyOf(response)).error).toMatchObject({
    code: "context_length_exceeded",
    type: "invalid_request_error",
    param: "messages",
    message: expect.stringMatching(/maximum context length is \d+ tokens/),
  });
});
