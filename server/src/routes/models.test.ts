import { afterAll, expect, test } from "vitest";
import { TEST_MODEL, openGateway } from "../testing/gateway.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import { bodyOf } from "../testing/completions.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

test("models are listed for any caller with a key, served ones first", async () => {
  await using gateway = await openGateway(vocabularies);
  await gateway.worker({ contextTokens: 1_000 });
  const headers = { authorization: `Bearer ${gateway.key}` };
  const listed = (await (await gateway.app.request("/v1/models", { headers })).json()) as {
    data: { id: string; starai: unknown }[];
  };
  expect(listed.data[0]).toMatchObject({
    id: TEST_MODEL,
    object: "model",
    starai: { online: true, workers: 1, contextTokens: 1_000 },
  });
  expect(listed.data[1]).toMatchObject({ starai: { online: false, workers: 0 } });
  expect((await gateway.app.request(`/v1/models/${TEST_MODEL}`, { headers })).status).toBe(200);
  const unknown = await gateway.app.request("/v1/models/gpt-4o", { headers });
  expect((await bodyOf(unknown)).error).toMatchObject({ code: "model_not_found", param: "model" });
  expect((await gateway.app.request("/v1/models")).status).toBe(401);
});
