/**
 * Text from clients and workers that the database cannot store: single surrogates and NUL, raw or as escapes in JSON.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testVocabularies } from "../testing/pool-stack.ts";
import { answer, openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await openGateway(vocabularies);
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Completion {
  choices: { message: { content: string } }[];
}

describe.each([
  ["NUL", "\0"],
  ["half a surrogate pair", "\ud800"],
])("%s", (_name, odd) => {
  const called = { id: "c1", type: "function", function: { name: `look${odd}`, arguments: `{"at":"${odd}"}` } };
  const hello = { role: "user", content: "Hello" };
  const schema = { type: "object", properties: { a: { type: "boolean" } }, required: ["a"] };
  const format = { type: "json_schema", json_schema: { name: "x", description: odd, schema } };
  test.each([
    ["a stop string", { stop: [odd] }],
    ["a message", { messages: [{ role: "user", content: `a${odd}b` }] }],
    ["a name", { messages: [{ ...hello, name: `ann${odd}` }] }],
    ["a refusal of history", { messages: [hello, { role: "assistant", refusal: `No${odd}` }, hello] }],
    ["a call of history", { messages: [hello, { role: "assistant", tool_calls: [called] }] }],
    ["a schema's description", { response_format: format }],
    ["the user's name", { user: `ann${odd}` }],
    ["a seed of the cache", { prompt_cache_key: odd }],
  ])("in %s is answered or refused, and never causes a server error", async (_where, body) => {
    const worker = await gateway.worker();
    const asked = gateway.ask(body);
    const answered = answer(worker, '{"a":true}');
    const response = await asked;
    if (response.status === 200) await answered;
    else answered.catch(() => undefined);
    worker.kill();
    expect([200, 400]).toContain(response.status);
  });

  test("from a worker reaches the client as the replacement character", async () => {
    const worker = await gateway.worker();
    const asked = gateway.ask({});
    await answer(worker, `a${odd}b`);
    const { choices } = (await (await asked).json()) as Completion;
    worker.kill();
    expect(choices[0]?.message.content).toBe("a\uFFFDb");
  });

  test("in a worker's reason does not block its job", async () => {
    const worker = await gateway.worker();
    const asked = gateway.ask({});
    const lease = await worker.lease();
    worker.send({ type: "fail", job: lease.job, fence: lease.fence, code: "busy", message: `because${odd}` });
    worker.kill();
    const honest = await gateway.worker();
    await answer(honest, "Hello.");
    expect((await asked).status).toBe(200);
    honest.kill();
    const { rows } = await gateway.stack.ctx.pg.query(`select "end" from attempts where job_id = $1 and fence = $2`, [
      lease.job,
      lease.fence,
    ]);
    expect(rows).toEqual([{ end: "busy: because\uFFFD" }]);
  });
});
