/** Signing in outside Telegram by a wallet that was bound in the Mini App: what it opens, and everything that it does not. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { answerOf, createPayClient } from "@starai/server/client";
import { sessions, walletNonces } from "@starai/server/db/schema";
import { openTestApp } from "@starai/server/testing/app";
import type { TestApp } from "@starai/server/testing/app";
import { expectBooksRight } from "@starai/server/testing/books";
import { testChain } from "@starai/server/testing/coins";
import { newPerson } from "@starai/server/testing/person";
import type { TestPerson } from "@starai/server/testing/person";
import { signedProof } from "../../contracts/tests/test-ton-proof.ts";
import type { ProofTerms } from "../../contracts/tests/test-ton-proof.ts";
import { TestTon, personOf as walletOf } from "../src/testing/chain.ts";

const HOUR_MS = 3_600_000;
const GRAM = 1_000_000_000n;
const ID = "00000000-0000-4000-8000-000000000000";

let ton: TestTon;
let stack: TestApp;
let ann: TestPerson;
const time = { aheadMs: 0 };
beforeAll(async () => {
  ton = await TestTon.open();
  stack = await openTestApp({ BOT_USERNAME: "starai_test_bot" });
  Object.assign(stack.ctx, { clock: () => Date.now() + time.aheadMs });
  stack.ctx.ton.open({ ...testChain(ton.client), nowS: () => ton.opened.chain.nowS() });
});
beforeEach(async () => {
  time.aheadMs = 0;
  ann = await newPerson(stack);
});
afterEach(() => expectBooksRight(stack.ctx.pg));
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await ton[Symbol.asyncDispose]();
});

type Owner = ReturnType<typeof walletOf>;
const annsWallet = () => walletOf(`wallet of ${ann.telegramId}`);
const payload = async () => (await answerOf(() => stack.open.pay.nonces.$post())).nonce;

function proofOf(owner: Owner, nonce: string, terms: Partial<ProofTerms> = {}) {
  const rules = { networkId: LOCAL_NETWORK_ID, key: owner, domain: "app.example", timestamp: ton.opened.chain.nowS() };
  return signedProof(owner.wallet, { ...rules, payload: nonce, ...terms });
}

async function bind(owner: Owner, person: TestPerson = ann) {
  const { nonce } = await answerOf(() => person.my.wallet.nonces.$post());
  await answerOf(() => person.my.wallet.$put({ json: proofOf(owner, nonce) }));
}

const open = (json: ReturnType<typeof proofOf>) =>
  answerOf(() => stack.open.pay.sessions.$post({ json }), { patienceMs: 0 });

const request = (url: string, init?: RequestInit) => stack.app.request(url, init);

/** Signs in on the page. */
async function signIn(owner: Owner = annsWallet()) {
  const { token, expiresAt } = await open(proofOf(owner, await payload()));
  const client = createPayClient({ baseUrl: "http://127.0.0.1", token: () => token, fetch: request });
  return { ...client, token, expiresAt, wallet: () => answerOf(() => client.my.wallet.$get()) };
}

const codeOf = async (path: string, method: string, token: string) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = method === "GET" ? {} : { body: "{}" };
  const response = await stack.app.request(path, { method, headers, ...body });
  return response.status;
};

test("a bound wallet signs in and sees what is prepaid, its memo and its payments; an invoice is made, handed over and noted as sent", async () => {
  await bind(annsWallet());
  const page = await signIn();
  const mine = await answerOf(() => ann.my.wallet.$get());
  expect(await page.wallet()).toEqual(mine);
  const { invoices } = page.my.deposits;
  const { id } = await answerOf(() => invoices.$post({ json: { amount: String(GRAM) } }));
  expect(await answerOf(() => invoices[":id"].handed.$post({ param: { id } }))).toMatchObject({ state: "handed" });
  expect(await answerOf(() => invoices[":id"].sent.$post({ param: { id } }))).toMatchObject({ state: "sent" });
  expect((await answerOf(() => ann.my.wallet.$get()))!.invoice).toMatchObject({ id, state: "sent" });
});

test("what the page must know before anybody signed in is public, and names no person", async () => {
  expect(await answerOf(() => stack.open.pay.$get())).toEqual({
    coin: stack.ctx.config.coin,
    network: { id: LOCAL_NETWORK_ID, name: "sandbox", explorer: expect.any(Object) },
  });
});

test("a wallet that nobody bound is sent to the Mini App, and nothing is kept of it", async () => {
  const before = await stack.ctx.db.$count(sessions);
  await expect(signIn(walletOf("a stranger's"))).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("https://t.me/starai_test_bot?startapp=wallet"),
  });
  expect(await stack.ctx.db.$count(sessions)).toBe(before);
});

test("the session opens no other route of a session, of the bot or of the API: no chats, keys, withdrawals or deletion", async () => {
  await bind(annsWallet());
  const { token } = await signIn();
  const others = stack.app.routes.filter(
    ({ path, method }) => /^\/(api|v1)\//.test(path) && !path.startsWith("/api/pay") && method !== "ALL",
  );
  const open = /^\/api\/(about|pool|pool\/(history|pay|prices)|receipt-keys|receipts\/:id|shared\/:id|session)$/;
  const closed = others.filter(({ path, method }) => !open.test(path) || method === "DELETE");
  const named = closed.map(({ path, method }) => `${method} ${path}`);
  for (const one of [
    "GET /api/my/threads",
    "POST /api/my/keys",
    "POST /api/my/payouts",
    "PUT /api/my/wallet",
    "DELETE /api/my/wallet",
    "POST /api/my/deposits/claims",
    "DELETE /api/my/data",
  ])
    expect(named).toContain(one);
  expect(closed.length).toBeGreaterThan(50);
  for (const { path, method } of closed) {
    const status = await codeOf(path.replaceAll(/:\w+/g, ID), method, token);
    expect({ route: `${method} ${path}`, status }).toEqual({ route: `${method} ${path}`, status: 401 });
  }
});

test("a session of the Mini App, the bot's key and an altered token open nothing on the page", async () => {
  await bind(annsWallet());
  const { token } = await signIn();
  const tokens = [ann.token, `${token}x`, "", "the-bot-key"];
  for (const one of tokens)
    for (const [method, path] of [
      ["GET", "/api/pay/wallet"],
      ["POST", "/api/pay/deposits/invoices"],
      ["POST", "/api/pay/deposits/invoices/1/handed"],
      ["POST", "/api/pay/deposits/invoices/1/sent"],
      ["DELETE", "/api/pay/sessions"],
    ] as const)
      expect(await codeOf(path, method, one)).toBe(401);
});

test("an invoice of somebody else is not handed over, and not noted as sent", async () => {
  await bind(annsWallet());
  const bob = await newPerson(stack);
  const { id } = await answerOf(() => bob.my.deposits.invoices.$post({ json: { amount: String(GRAM) } }));
  const { my } = await signIn();
  for (const act of ["handed", "sent"] as const)
    await expect(answerOf(() => my.deposits.invoices[":id"][act].$post({ param: { id } }))).rejects.toMatchObject({
      code: "not_found",
    });
});

test("it ends after an hour, by signing out here, by signing out everywhere, and with the binding of its wallet", async () => {
  await bind(annsWallet());
  const old = await signIn();
  expect(Date.parse(old.expiresAt) - Date.now()).toBeLessThanOrEqual(HOUR_MS);
  time.aheadMs = HOUR_MS;
  await expect(old.wallet()).rejects.toMatchObject({ code: "unauthorised" });
  time.aheadMs = 0;
  await answerOf(() => old.session.$delete());
  await expect(old.wallet()).rejects.toMatchObject({ code: "signed_out" });

  const [removed, changed] = [await signIn(), await signIn()];
  await answerOf(() => ann.my.wallet.$delete());
  await expect(removed.wallet()).rejects.toMatchObject({ code: "signed_out" });
  await bind(annsWallet());
  await expect(changed.wallet()).rejects.toMatchObject({ code: "signed_out" });

  const last = await signIn();
  await answerOf(() => ann.session.$delete({ query: { everywhere: "true" } }));
  await expect(last.wallet()).rejects.toMatchObject({ code: "signed_out" });
});

test("a proof counts once, and not for a nonce of the Mini App, of another site or of another key", async () => {
  const owner = annsWallet();
  await bind(owner);
  const proof = proofOf(owner, await payload());
  await open(proof);
  await expect(open(proof)).rejects.toMatchObject({ code: "conflict" });
  const { nonce } = await answerOf(() => ann.my.wallet.nonces.$post());
  await expect(open(proofOf(owner, nonce))).rejects.toMatchObject({ code: "conflict" });
  await expect(open(proofOf(owner, await payload(), { domain: "evil.example" }))).rejects.toMatchObject({
    param: "domain",
  });
  const forged = proofOf(owner, await payload(), { key: walletOf("thief") });
  await expect(open(forged)).rejects.toMatchObject({ code: "invalid_request" });
});

const getContractState = () => Promise.reject(new Error("down"));

test("where the chain does not answer, a proof is not lost; one that is wrong is, also then", async () => {
  const owner = annsWallet();
  await bind(owner);
  const chain = stack.ctx.ton.get();
  const away = Object.assign(Object.create(ton.client), { getContractState }) as typeof ton.client;
  const [proof, nonce] = [proofOf(owner, await payload()), await payload()];
  stack.ctx.ton.open({ ...chain, client: away });
  await expect(open(proof)).rejects.toMatchObject({ code: "interrupted" });
  await expect(open(proofOf(owner, nonce, { domain: "evil.example" }))).rejects.toMatchObject({ param: "domain" });
  stack.ctx.ton.open(chain);
  await open(proof);
  for (const used of [proof, proofOf(owner, nonce)])
    await expect(open(used)).rejects.toMatchObject({ code: "conflict" });
});

test("a nonce of the page binds no wallet in the Mini App", async () => {
  const json = proofOf(annsWallet(), await payload());
  await expect(answerOf(() => ann.my.wallet.$put({ json }))).rejects.toMatchObject({ code: "conflict" });
});

test("open nonces, windows of one person and wallets that are verified at once are bounded", async () => {
  await bind(annsWallet());
  await stack.ctx.pg.query(`insert into wallet_nonces (nonce, expires_at)
    select 'flood ' || i, now() + interval '1 minute' from generate_series(1, 2100) i`);
  const nonces = await Promise.all(Array.from({ length: 9 }, payload));
  expect(await stack.ctx.db.$count(walletNonces)).toBeLessThanOrEqual(2_000 + 20);
  const all = await Promise.allSettled(nonces.map((nonce) => open(proofOf(annsWallet(), nonce))));
  const refused = all.filter(({ status }) => status === "rejected");
  for (const one of refused) expect(one).toMatchObject({ reason: { code: "queue_full" } });
  expect(all.length - refused.length).toBeGreaterThanOrEqual(8);
  const windows = [];
  for (let at = 0; at < 11; at++) windows.push(await signIn());
  await expect(windows[0]!.wallet()).rejects.toMatchObject({ code: "signed_out" });
  await windows.at(-1)!.wallet();
});
