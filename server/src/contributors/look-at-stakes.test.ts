/** The watch of stakes over an endpoint that fails, by HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { TonClient } from "@ton/ton";
import { expect, test } from "vitest";
import { workerBindings, wallets } from "../db/schema.ts";
import { openTestCoins, testChain } from "../testing/coins.ts";
import { StakeWatch } from "./look-at-stakes.ts";

const MACHINES = 7;

test("three faults in a row end a pass, and the next one goes on with the accounts after them", async () => {
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += String(chunk)));
    request.on("end", () => {
      asked.add((JSON.parse(body) as { params: { address: string } }).params.address);
      response.writeHead(400).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const stack = await openTestCoins();
  try {
    for (let nth = 0; nth < MACHINES; nth++) {
      const { id } = await stack.newPerson();
      await stack.ctx.db.insert(workerBindings).values({ worker: `w${nth}`, person: id });
    }
    expect(await stack.ctx.db.$count(wallets)).toBe(MACHINES);
    const chain = testChain(new TonClient({ endpoint: `http://127.0.0.1:${port}` }));
    const watch = new StakeWatch(stack.ctx);
    const look = () => expect(watch.look(chain, new AbortController().signal)).rejects.toThrow("does not answer");
    const seen: number[] = [];
    for (let pass = 0; pass < 4; pass++) {
      await look();
      seen.push(asked.size);
    }
    expect(seen).toEqual([3, 6, 7, 7]);
  } finally {
    server.close();
    await stack[Symbol.asyncDispose]();
  }
}, 120_000);
