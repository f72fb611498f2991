import { afterAll, expect, test } from "vitest";
import { testVocabularies } from "../testing/pool-stack.ts";
import { createApiKey } from "./api-keys.ts";
import { AT_ONCE_MAX } from "./requests-at-once.ts";
import { answer, openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** A body whose length is not told is collected before anybody asks whose it is; one that is told is not. */
const JSON_OF_LENGTH = { "content-type": "application/json", "content-length": "100" };

/** Asks with a body that goes on for ever, and ends it when told. */
function askSlowly({ app, key }: TestGateway) {
  const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // An Idempotency-Key asks for no place in the queue before it is known to be new.
  const headers = { ...JSON_OF_LENGTH, authorization: `Bearer ${key}`, "idempotency-key": "one" };
  const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" };
  return {
    status: Promise.resolve(app.request("/v1/chat/completions", init)).then((one) => one.status),
    end: () => void writable.close().catch(() => {}),
  };
}

test("a key has so many requests read at a time, and another key's is read all the same", async () => {
  await using gateway = await openGateway(vocabularies);
  const worker = await gateway.worker();
  const open = Array.from({ length: AT_ONCE_MAX + 4 }, () => askSlowly(gateway));
  // Which of them come first is the database's to say, where each key is looked up.
  const statuses: number[] = [];
  const all = Promise.all(open.map(async ({ status }) => statuses.push(await status)));
  await expect.poll(() => statuses, { timeout: 20_000 }).toEqual([429, 429, 429, 429]);

  const { key } = await createApiKey(gateway.stack.ctx, "polite");
  const [polite] = await Promise.all([gateway.ask({}, { authorization: `Bearer ${key}` }), answer(worker, "Hello!")]);
  expect(polite.status).toBe(200);

  open.forEach(({ end }) => end());
  await all;
  expect(statuses.slice(4)).toEqual(Array.from({ length: AT_ONCE_MAX }, () => 400));
  const [again] = await Promise.all([gateway.ask({}), answer(worker, "Hello again!")]);
  expect(again.status).toBe(200);
});
