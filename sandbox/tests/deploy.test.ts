/** `npm run deploy` against a sandbox's chain, over HTTP as a person runs it. */
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../contracts/scripts/deploy.ts";
import { TestTon } from "../src/testing/chain.ts";
import { DEPLOYED } from "../src/ton/deployment.ts";

let ton: TestTon;
let http: Server;
let env: Record<string, string>;

beforeAll(async () => {
  ton = await TestTon.open();
  http = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: ton.ton.routes.fetch, hostname: "127.0.0.1", port: 0 }, () =>
      resolve(server as Server),
    );
  });
  env = { TON_ENDPOINT: `http://127.0.0.1:${(http.address() as AddressInfo).port}/ton/api/v2/jsonRPC` };
});
afterAll(async () => {
  http.closeAllConnections();
  http.close();
  await ton[Symbol.asyncDispose]();
});

async function deploy(more: Record<string, string>, ...words: string[]): Promise<string> {
  const lines: string[] = [];
  await run(["--network", "sandbox", ...words], { ...env, ...more }, (line) => lines.push(line));
  return lines.join("\n");
}

test("the documented dry run has the chain's own roles and terms: what the sandbox deployed is there already", async () => {
  const deployment = await ton.ton.deployment();
  const { transactionCount } = ton.opened.chain.history;
  const printed = await deploy({}, "--dry-run");
  for (const name of DEPLOYED) expect(printed).toContain(deployment[name].toString());
  expect(printed).toContain("Everything is there already");
  expect(printed).not.toMatch(/placeholders|REWARD_POOL/);
  expect(ton.opened.chain.history.transactionCount).toBe(transactionCount);
});

test("other terms are other contracts: a dry run says what they cost and sends nothing; with the operator's key they come", async () => {
  const { operator } = JSON.parse(readFileSync(path.join(ton.folder, "roles.json"), "utf8")) as { operator: string };
  const terms = { VAULT_POOL_LIMIT: "7", EPOCH_CAP: "5" };
  const { transactionCount } = ton.opened.chain.history;
  const dry = await deploy(terms, "--dry-run");
  // The refunds vault has neither limit nor distributor: it is the same.
  expect(dry).toMatch(/REWARD_POOL is 0[^]*Missing  distributor, deposits, till\nCost     0\.300000000/);
  expect(ton.opened.chain.history.transactionCount).toBe(transactionCount);
  const sent = await deploy({ ...terms, DEPLOYER_SEED: operator });
  expect(sent).toContain("Deployed distributor, deposits, till.");
  expect(sent).not.toContain(operator);
  expect(await deploy(terms, "--dry-run")).toContain("Everything is there already");
});
