import { afterAll, describe, expect, test } from "vitest";
import { answer, openGateway, readEvents } from "../testing/gateway.ts";
import { sampleGbnf, seededRandom } from "../grammar/gbnf-sampler.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import { bodyOf, schemaFormat } from "../testing/completions.ts";
import type { Chunk } from "../testing/completions.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

const number = { type: "object", properties: { n: { type: "integer", maximum: 5 } }, required: ["n"] };
const tool = {
  type: "function",
  function: {
    name: "look",
    parameters: { type: "object", properties: { at: { enum: ["sky", "sea"] } }, required: ["at"] },
  },
};

describe("an answer in a form", () => {
  test("of any random model under the grammar is valid: 40 schemas and calls, streamed and whole", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    for (let seed = 0; seed < 20; seed++) {
      const body = seed % 2 === 0 ? schemaFormat(number) : { tools: [tool], tool_choice: "required" };
      const response = gateway.ask({ ...body, stream: seed % 4 > 1 });
      const lease = await worker.lease();
      const text = sampleGbnf(lease.constraint?.gbnf ?? "", { random: seededRandom(seed) });
      worker.tokens(lease, null, text);
      worker.done(lease);
      const said = await (await response).text();
      expect(said).not.toContain('"error"');
      expect(said).toContain(seed % 2 === 0 ? "stop" : "tool_calls");
    }
  });

  test("that breaks the form is a 502 once no other worker is left to try", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const response = gateway.ask(schemaFormat(number));
    for (let attempt = 1; attempt <= 2; attempt++) await answer(worker, '{"n":6}');
    expect((await response).status).toBe(502);
    expect((await bodyOf(await response)).error).toMatchObject({ code: "output_invalid", type: "server_error" });
  });

  test("is the same without the spaces of an engine that was given the schema", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const [response] = await Promise.all([gateway.ask(schemaFormat(number)), answer(worker, '{\n  "n": 5\n}')]);
    expect((await bodyOf(response)).choices[0]?.message.content).toBe('{"n":5}');
  });

  test("that breaks the form in a stream ends in an error event, with no content before and no [DONE]", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const response = gateway.ask({ ...schemaFormat(number), stream: true });
    for (let attempt = 1; attempt <= 2; attempt++) await answer(worker, '{"n":6}');
    const events = await readEvents(await response);
    const content = events.slice(0, -1).map((event) => (JSON.parse(event) as Chunk).choices[0]?.delta.content ?? "");
    expect(content.join("")).toBe("");
    expect(JSON.parse(events.at(-1) ?? "")).toMatchObject({ error: { code: "output_invalid" } });
  });

  test.each([true, false])("comes from another worker when one leaves the form (streamed: %s)", async (stream) => {
    await using gateway = await openGateway(vocabularies);
    const workers = [await gateway.worker(), await gateway.worker()];
    const asked = gateway.ask({ ...schemaFormat(number), stream });
    const leases = workers.map((worker) => worker.lease());
    for (const text of ['{"n":6}', '{"n":5}']) {
      const { worker, lease, at } = await Promise.race(
        leases.map(async (next, at) => ({ worker: workers[at]!, lease: await next, at })),
      );
      leases[at] = new Promise(() => {});
      worker.tokens(lease, null, text.slice(lease.committed.text.length));
      worker.done(lease);
    }
    const told = stream ? await streamedContent(await asked) : (await bodyOf(await asked)).choices[0]?.message.content;
    expect(told).toBe('{"n":5}');
  });

  test("has the schema in words before the model, because the grammar is invisible to it", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const [, lease] = await Promise.all([gateway.ask(schemaFormat(number)), answer(worker, '{"n":1}')]);
    expect(lease.turns[0]).toMatchObject({ role: "system", content: expect.stringContaining(JSON.stringify(number)) });
    expect(lease.constraint?.jsonSchema).toMatchObject({ type: "object", additionalProperties: false });
  });

  test("that is a call comes with a name, an id and whole arguments; no tools go to the engine", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const text = '{"action":"call","name":"look","arguments":{"at":"sky"}}';
    const [response, lease] = await Promise.all([gateway.ask({ tools: [tool] }), answer(worker, text)]);
    const [choice] = (await bodyOf(response)).choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    expect(choice?.message).toMatchObject({
      content: null,
      tool_calls: [{ type: "function", function: { name: "look", arguments: '{"at":"sky"}' } }],
    });
    expect(lease).not.toHaveProperty("tools");
    const messages = [
      { role: "user", content: "Look!" },
      choice?.message,
      { role: "tool", tool_call_id: choice?.message.tool_calls?.[0]?.id, content: "It is blue." },
    ];
    const [second, next] = await Promise.all([
      gateway.ask({ tools: [tool], messages }),
      answer(worker, '{"action":"message","content":"Blue."}'),
    ]);
    expect((await bodyOf(second)).choices[0]?.message.content).toBe("Blue.");
    expect(next.turns.slice(-2)).toEqual([
      { role: "assistant", content: text },
      { role: "user", content: '<result of="look">It is blue.</result>' },
    ]);
  });
});

async function streamedContent(response: Response): Promise<string> {
  const chunks = (await readEvents(response)).slice(0, -1).map((event) => JSON.parse(event) as Chunk);
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
}
