import { serve } from "@hono/node-server";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { TEST_MODEL, answer, openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import { bodyOf, rows, waitFor } from "../testing/completions.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

describe("an Idempotency-Key", () => {
  const header = { "idempotency-key": "once" };

  test("gives the same answer again without computing it again", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const [first] = await Promise.all([gateway.ask({}, header), answer(worker, "Only once.")]);
    const again = await gateway.ask({}, header);
    const [one, other] = [await bodyOf(first), await bodyOf(again)];
    expect(other.id).toBe(one.id);
    expect(other.choices).toEqual(one.choices);
    expect(await rows(gateway, "jobs")).toBe(1);
  });

  test("recognises a repeated request that holds text no database can store", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const body = { messages: [{ role: "user", content: "Hel\0lo" }] };
    const [first] = await Promise.all([gateway.ask(body, header), answer(worker, "Only once.")]);
    const again = await gateway.ask(body, header);
    expect(again.status).toBe(200);
    expect((await bodyOf(again)).id).toBe((await bodyOf(first)).id);
  });

  test("used for another request is a conflict, and keys are scoped per caller", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    await Promise.all([gateway.ask({}, header), answer(worker, "Only once.")]);
    const other = await gateway.ask({ temperature: 0.1 }, header);
    expect(other.status).toBe(409);
    expect((await bodyOf(other)).error).toMatchObject({ code: "conflict", param: "Idempotency-Key" });
    expect(await rows(gateway, "jobs")).toBe(1);
  });

  test("used again with another length or seed than was asked for is a conflict, with the same ones it is none", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const asked = { max_tokens: 8, seed: 1 };
    await Promise.all([gateway.ask(asked, header), answer(worker, "Only once.")]);
    const statuses = [asked, { ...asked, max_tokens: 9 }, { ...asked, seed: 2 }].map(
      async (body) => (await gateway.ask(body, header)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 409, 409]);
  });
});

describe("a client that goes away", () => {
  test.each([true, false])("ends its job (streamed: %s)", async (stream) => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    await using server = await listen(gateway);
    const controller = new AbortController();
    const asked = server.ask({ stream }, controller.signal).catch(() => null);
    const lease = await worker.lease();
    worker.tokens(lease, null, "Once upon a time");
    if (stream) await asked;
    controller.abort();
    await worker.frame("cancel", { job: lease.job, fence: lease.fence });
    await asked;
    await waitFor(async () => (await states(gateway)).join() === "cancelled");
    expect(await states(gateway)).toEqual(["cancelled"]);
  });

  test("with an Idempotency-Key may come back for the answer", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    await using server = await listen(gateway);
    const controller = new AbortController();
    const headers = { "idempotency-key": "back" };
    const asked = server.ask({}, controller.signal, headers).catch(() => {});
    const lease = await worker.lease();
    controller.abort();
    await asked;
    worker.tokens(lease, null, "Still here.");
    worker.done(lease);
    const again = await server.ask({}, new AbortController().signal, headers);
    expect((await bodyOf(again)).choices[0]?.message.content).toBe("Still here.");
  });
});

async function states(gateway: TestGateway): Promise<string[]> {
  const { rows } = await gateway.stack.ctx.pg.query<{ state: string }>("select state from jobs");
  return rows.map((row) => row.state);
}

/** The routes behind a real socket, which a client can leave. */
async function listen(gateway: TestGateway) {
  const http = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: gateway.app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(server as Server));
  });
  const { port } = http.address() as AddressInfo;
  return {
    ask: (body: Record<string, unknown>, signal: AbortSignal, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: "POST",
        signal,
        headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json", ...headers },
        body: JSON.stringify({ model: TEST_MODEL, messages: [{ role: "user", content: "Hello" }], ...body }),
      }),
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
