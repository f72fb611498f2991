import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { TonClient } from "@ton/ton";
import { Address } from "@ton/core";
import { expect, test } from "vitest";
import { describeFailure } from "../cli/failure.ts";
import { retryingAdapter } from "./retrying-adapter.ts";
import { configParam } from "./toncenter.ts";

/** An endpoint that answers `refusals` requests with 429 before it serves one. */
async function busyEndpoint(refusals: number) {
  let asked = 0;
  const pauses: number[] = [];
  const wait = async (ms: number) => void pauses.push(ms);
  const server = createServer((request, response) => {
    request.resume();
    response.statusCode = ++asked > refusals ? 200 : 429;
    const account = { balance: "7", state: "uninitialized", data: "", code: "", frozen_hash: "", sync_utime: 1 };
    const last = { "@type": "internal.transactionId", lt: "0", hash: "" };
    const block = { "@type": "ton.blockIdExt", workchain: -1, shard: "0", seqno: 1, root_hash: "", file_hash: "" };
    const result = { "@type": "raw.fullAccountState", ...account, last_transaction_id: last, block_id: block };
    response.end(JSON.stringify({ ok: true, result }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new TonClient({ endpoint: `http://127.0.0.1:${port}/`, httpAdapter: retryingAdapter(wait) });
  return { server, ask: async () => client.getBalance(new Address(0, Buffer.alloc(32))), asked: () => asked, pauses };
}

test("requests to a busy endpoint are retried, and not for ever", async () => {
  const busy = await busyEndpoint(3);
  expect(await busy.ask()).toBe(7n);
  expect(busy.asked()).toBe(4);
  busy.server.close();

  const full = await busyEndpoint(Infinity);
  expect(await full.ask().catch(describeFailure)).toMatch(/rate limit/);
  expect(full.asked()).toBe(6);
  full.server.close();
  full.server.closeAllConnections();
  expect(await full.ask().catch(describeFailure)).toMatch(/No server answers at http:\/\/127/);
});

test("each pause is longer than the one before, and there is none after the last try", async () => {
  const full = await busyEndpoint(Infinity);
  await full.ask().catch(describeFailure);
  expect(full.pauses).toEqual([1_100, 2_200, 3_300, 4_400, 5_500]);
  full.server.close();
});

test("an API key is in no error, wherever the endpoint wants it", async () => {
  const refusing = await busyEndpoint(Infinity);
  const { port } = refusing.server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/v2/secret-in-path/jsonRPC?key=secret-in-query`;
  const apiKey = "secret-in-header";
  const client = new TonClient({ endpoint, apiKey, httpAdapter: retryingAdapter(async () => undefined) });
  const ask = () => client.getBalance(new Address(0, Buffer.alloc(32))).catch((error: unknown) => error);
  const refused = await ask();
  refusing.server.close();
  refusing.server.closeAllConnections();
  const silent = [await ask(), await configParam({ endpoint, apiKey }, 19).catch((error: unknown) => error)];
  for (const error of silent) expect(String(error)).toContain(`http://127.0.0.1:${port} does not answer`);
  for (const error of [refused, ...silent]) {
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("secret");
  }
});
