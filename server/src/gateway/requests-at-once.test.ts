import { afterAll, expect, test } from "vitest";
import { testVocabularies } from "../testing/pool-stack.ts";
import { createApiKey } from "./api-keys.ts";
import { AT_ONCE_MAX } from "./requests-at-once.ts";
import { answer, openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** With a content-length, the key is checked before the body is read; without one, the body is read first. */
const JSON_OF_LENGTH = { "content-type": "application/json", "content-length": "100" };

/** Sends a request whose body stays open until `end` is called. */
function askSlowly({ app, key }: TestGateway) {
  const { readable: body, writable } = new TransformStream<Uint8Array, Uint8Array>();
  // With an Idempotency-Key no place in the queue is taken before the key is known to be new.
  const headers = { ...JSON_OF_LENGTH, authorization: `Bearer ${key}`, "idempotency-key": "one" };
  const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" };
  return {
    status: Promise.resolve(app.request("/v1/chat/completions", init)).then((one) => one.status),
    end: () => void writable.close().catch(() => {}),
  };
}

test("the requests of one key that are read at once are limited, and another key is still served", async () => {
  await using gateway = await openGateway(vocabularies);
  const worker = await gateway.worker();
  const open = Array.from({ length: AT_ONCE_MAX + 4 }, () => askSlowly(gateway));
  // Their order is not known: each looks up its key in the database first.
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
