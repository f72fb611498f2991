/** A whole stack with its chain: what it does by itself from its start on, over restarts. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { SendMode, beginCell, internal } from "@ton/core";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import { NETWORK_ID, isOnNetwork } from "@starai/server/chain/open-chain";
import { readConfig } from "@starai/server/config";
import type { TonEndpoint } from "@starai/server/config";
import { chainHome, people } from "@starai/server/db/schema";
import { depositNumberOf } from "@starai/server/deposits/deposit-number";
import { checkNetwork } from "@starai/server/open-money";
import { startServer } from "@starai/server/start";
import { expectHouseRight } from "@starai/server/testing/books";
import { createTestDatabase } from "@starai/server/testing/database";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";

const COIN = 10n ** 9n;
const PATIENCE_MS = 30_000;

async function openStack() {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-money-start-"));
  await chmod(home, 0o755);
  const database = await createTestDatabase();
  const stack = await openStagedStack({ home, database, ton: { topUpInTelegram: true } });
  onTestFinished(async () => {
    await expectHouseRight(stack.ctx);
    await stack[Symbol.asyncDispose]();
    await database.close();
    await rm(home, { recursive: true, force: true });
  });
  return stack;
}

const until = (seen: () => Promise<boolean> | boolean) => expect.poll(seen, { timeout: PATIENCE_MS }).toBe(true);
const healthOf = async (stack: StagedStack) =>
  ((await (await fetch(`${stack.url}healthz`)).json()) as { money: { chain: { books: string } | null } }).money.chain;
const isOpen = (stack: StagedStack) => until(async () => (await healthOf(stack))?.books === "ok");

async function coinsOf(stack: StagedStack, person: string): Promise<bigint> {
  const { rows } = await stack.ctx.pg.query<{ balance: string }>(
    "select balance from ledger_accounts where asset = 'coin' and kind = 'person' and owner = $1",
    [`person:${person}`],
  );
  return BigInt(rows[0]?.balance ?? 0);
}

/** Pays from a wallet of the chain's own. */
async function pay(stack: StagedStack, person: string, value: bigint): Promise<void> {
  const opened = await stack.ton!.open();
  const { wallet, secretKey } = opened.roles.publisher;
  const { number: userId } = await depositNumberOf(stack.ctx.db, person);
  const { client, deposits: to } = stack.ctx.ton.get();
  const seqno = (await client.isContractDeployed(wallet.address)) ? await client.open(wallet).getSeqno() : 0;
  const messages = [internal({ to, value, bounce: true, body: vaultBody.deposit({ userId }) })];
  await client.open(wallet).sendTransfer({ seqno, secretKey, messages, sendMode: SendMode.PAY_GAS_SEPARATELY });
}

test("a deposit is credited by itself, also where it arrived while the server was gone", async () => {
  const stack = await openStack();
  await isOpen(stack);
  const [row] = await stack.ctx.db.insert(people).values({ telegramId: 77, name: "Ann" }).returning({ id: people.id });
  const ann = row!.id;
  await pay(stack, ann, COIN);
  await until(async () => (await coinsOf(stack, ann)) === COIN);
  await stack.restartServer(() => pay(stack, ann, 2n * COIN));
  await expect.poll(() => coinsOf(stack, ann), { timeout: PATIENCE_MS }).toBe(3n * COIN);
});

test("an endpoint of another network is not taken for the configured one", async () => {
  const stack = await openStack();
  const endpoint = { url: `${stack.url}ton/api/v2/jsonRPC`, apiKey: null };
  expect(await isOnNetwork(endpoint, "testnet")).toBe(false);
  await expect(isOnNetwork({ ...endpoint, url: `${stack.url}nowhere` }, "testnet")).rejects.toThrow(
    "when asked for getConfigParam",
  );
});

test("nor is a second endpoint of another network, which would agree on nothing", async () => {
  const stack = await openStack();
  const other = { url: `${stack.url}ton/api/v2/jsonRPC`, apiKey: null };
  const right = await endpointOf(NETWORK_ID.testnet);
  const { signal } = new AbortController();
  const check = (first: TonEndpoint, second: TonEndpoint | null) =>
    checkNetwork(stack.ctx, { network: "testnet", endpoint: first, second }, signal);
  await expect(check(other, right)).rejects.toThrow("TON_ENDPOINT is no endpoint of testnet");
  await expect(check(right, other)).rejects.toThrow("TON_SECOND_ENDPOINT is no endpoint of testnet");
  await check(right, right);
  await check(right, null);
});

const raw = (digit: string) => `0:${digit.repeat(64)}`;

test("while no endpoint answers a database is at home on its contracts already, and is refused with others", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.close());
  const log = pino({ level: "silent" });
  // Nobody listens there.
  const ton = {
    TON_NETWORK: "testnet",
    STARAI_PUBLIC_ORIGIN: "https://starai.example",
    TON_ENDPOINT: "http://127.0.0.1:9/",
    TON_TILL: raw("b"),
    TON_DISTRIBUTOR: raw("c"),
  };
  const folders = { PORT: "0", STARAI_HOME: "/nowhere", STARAI_MODELS: "/nowhere", STARAI_TITLES: "off" };
  const keys = {
    STARAI_BOT_KEY: "the-bot-key-of-a-test-0123456789abcdef",
    STARAI_RECEIPT_KEY: Buffer.alloc(32, 7).toString("base64url"),
  };
  const start = (deposits: string) =>
    startServer(readConfig({ ...ton, ...folders, ...keys, STARAI_RATES: "sandbox", TON_DEPOSITS: deposits }), {
      log,
      database,
    });
  const server = await start(raw("a"));
  expect([(await database.db.select().from(chainHome))[0]?.deposits, server.ctx.ton.chain]).toEqual([raw("a"), null]);
  await server.close(0);
  await expect(start(raw("d"))).rejects.toThrow(
    `(deposits is ${raw("a")}, and the settings say ${raw("d")}). No money was moved: set what it was before`,
  );
});

/** Answers with the one parameter that says which network it is. */
async function endpointOf(network: number): Promise<TonEndpoint> {
  const bytes = beginCell().storeInt(network, 32).endCell().toBoc().toString("base64");
  const server = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify({ ok: true, result: { config: { bytes } } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, apiKey: null };
}
