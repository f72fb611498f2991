/** The operator's page as a browser asks for it. */
import { createHash, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appeals, contributorStakes, epochLines, epochs, slashProposals, workers } from "../../db/schema.ts";
import { bindWorker } from "../../testing/bind-worker.ts";
import { DONE, moveOf } from "../../testing/ledger.ts";
import { openTestThreads } from "../../testing/threads.ts";
import { Logins } from "./logins.ts";
import { operatorPage } from "./operator-page.ts";

const KEY = "the-key-of-an-operator-0123456789abcdef";
let stack: Awaited<ReturnType<typeof openTestThreads>>;
let page: ReturnType<typeof operatorPage>;

beforeAll(async () => {
  stack = await openTestThreads();
  page = operatorPage(stack.ctx, KEY);
});
afterAll(() => stack[Symbol.asyncDispose]());

const logIn = (key: string, remoteAddress = "192.0.2.1") =>
  page.request(
    "/login",
    { method: "POST", body: new URLSearchParams({ key }) },
    { incoming: { headers: {}, socket: { remoteAddress } } },
  );

async function cookieOf(): Promise<string> {
  const answer = await logIn(KEY);
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/"]);
  return answer.headers.get("set-cookie")!;
}

async function shownPage(): Promise<string> {
  const answer = await page.request("/", { headers: { cookie: await cookieOf() } });
  expect(answer.status).toBe(200);
  return (await answer.text()).replaceAll("&#39;", "'");
}

test("who has no key sees a form and nothing else", async () => {
  const answer = await page.request("/");
  expect(answer.status).toBe(401);
  const text = await answer.text();
  expect(text).toContain('type="password"');
  expect(text).not.toContain("<table");
  expect((await logIn("wrong")).status).toBe(401);
  expect((await page.request("/", { headers: { cookie: "starai-operator=made-up" } })).status).toBe(401);
});

test("the key brings a cookie that no script reads and no other page sends, and it shows everything", async () => {
  await stack.ctx.db.insert(workers).values({ id: "ab".repeat(32), name: "<b>Rack</b>", version: "0.1.0" });
  const wallet = `0:${"cd".repeat(32)}`;
  await stack.ctx.db
    .insert(slashProposals)
    .values({ wallet, amount: 2_500_000_000n, reason: "Copied answers.", evidence: "{}" });
  const cookie = await cookieOf();
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  expect(cookie).not.toContain(KEY);
  const answer = await page.request("/", { headers: { cookie } });
  expect(answer.status).toBe(200);
  const text = await answer.text();
  for (const shown of ["2.5", wallet, "Copied answers.", "&lt;b&gt;Rack&lt;/b&gt;"]) expect(text).toContain(shown);
  expect(text).not.toContain("<b>Rack</b>");
  expect(text).not.toContain("<script");
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("each section is there with what an operator asks of it", async () => {
  const { db } = stack.ctx;
  const [worker, person] = ["ef".repeat(32), randomUUID()];
  await bindWorker(db, { worker, person, stake: 12_000_000_000n });
  const banned = { bannedAt: new Date(), pauseReason: "sends <i>broken</i> text", good: 7, bad: 2 };
  await db.insert(workers).values({ id: worker, name: "Tower", version: "0.1.0", weighedAt: new Date(), ...banned });
  const closed = { closedAt: new Date(), recordedAt: new Date(), upto: 0, leaves: 1, total: 1n };
  await db.insert(epochs).values([
    { number: 1, chainEpoch: 0, state: "active", forChain: false, ...closed },
    { number: 2, chainEpoch: 1, state: "dropped", why: "The guardian vetoed it.", ...closed },
    { number: 3, chainEpoch: 1, state: "active", ...closed },
    { number: 4, chainEpoch: 2, state: "closing", ...closed },
  ]);
  await db.insert(epochLines).values({ epoch: 4, worker, earned: 1n, released: 1n, held: 0n, toMove: true });
  const [{ wallet }] = (await db.select({ wallet: contributorStakes.wallet }).from(contributorStakes)) as [
    { wallet: string },
  ];
  await db.update(contributorStakes).set({ disputed: 1n, disputedUntil: new Date("2026-12-07T00:00:00Z") });
  const evidence = JSON.stringify({ jobs: ["<u>one</u>"] });
  await db
    .insert(slashProposals)
    .values({ wallet, amount: 1n, reason: "Copied.", evidence, shownAt: new Date("2026-12-04T00:00:00Z") });
  const [appeal] = await db.insert(appeals).values({ person, worker: null, words: "Why <s>me</s>?" }).returning();
  const text = await shownPage();
  for (const shown of [
    // Money: no chain is behind this house.
    "People's and workers' coins are there",
    "This server's money is on no TON network, or not yet.",
    "Fees that keepers may sweep from the deposits vault",
    // A machine's stake, reputation and owner.
    "Tower",
    "<td>7.0 / 2.0</td>",
    "<td>12</td>",
    `<code>${wallet}</code>`,
    "banned: sends &lt;i&gt;broken&lt;/i&gt; text",
    // Why epochs wait.
    "as the pay of new machines waits",
    "The guardian vetoed it.",
    "Lines to be moved: 1.",
    // A slash's dates, hash and evidence.
    "2026-12-07 00:00",
    "2026-12-14 00:00",
    createHash("sha256").update(evidence).digest("hex"),
    "&lt;u&gt;one&lt;/u&gt;",
    // A note, and how it is answered.
    appeal!.id,
    "Why &lt;s&gt;me&lt;/s&gt;?",
    "operator -- appeal reply",
  ])
    expect(text).toContain(shown);
  expect(text).not.toMatch(/<script|<i>broken|<u>one|<s>me/);
  for (const target of text.matchAll(/href="#(\w+)"/g)) expect(text).toContain(`id="${target[1]}"`);
});

test("what a proposed epoch waits for is not known while the chain says nothing, and an open one waits for nothing", async () => {
  await stack.ctx.db.update(epochs).set({ state: "proposed" }).where(eq(epochs.number, 4));
  const text = await shownPage();
  expect(text.match(/The chain does not say now\./g)).toHaveLength(1);
  expect(text).toContain('<div class="words">—</div>');
});

test("coins that are owed and not there are the first thing that the page says", async () => {
  const { ledger } = stack.ctx;
  const open = (kind: "own" | "person", owner: string) => ledger.openAccount({ asset: "coin", kind, owner });
  const [from, to] = [await open("own", "hot"), await open("person", `person:${randomUUID()}`)];
  const move = moveOf({ from, to, amount: 2_000_000_000n, kind: "fault" });
  expect(await ledger.do(move)).toEqual(DONE);
  // The page before has read the money within the minute; a new one reads it anew.
  page = operatorPage(stack.ctx, KEY);
  expect(await shownPage()).toMatch(/role="alert" class="bad">The house is SHORT by 2:/);
});

test("however often the page is loaded, the money is read once a minute", async () => {
  const time = { now: 0, read: 0 };
  const pg = Object.create(stack.ctx.pg, {
    query: {
      value: (text: string, values?: unknown[]) => {
        if (text.includes("epoch_leaf")) time.read++;
        return stack.ctx.pg.query(text, values);
      },
    },
  });
  page = operatorPage({ ...stack.ctx, pg, monotonic: () => time.now }, KEY);
  await Promise.all([shownPage(), shownPage()]);
  await shownPage();
  expect(time.read).toBe(1);
  time.now = 60_001;
  await shownPage();
  expect(time.read).toBe(2);
});

test("logging out ends it, and a large body is not read", async () => {
  const cookie = await cookieOf();
  await page.request("/logout", { method: "POST", headers: { cookie } });
  expect((await page.request("/", { headers: { cookie } })).status).toBe(401);
  expect((await logIn("x".repeat(10_000))).status).toBe(413);
});

test("ten wrong keys shut out their own network for ten minutes, with the right key too, and nobody else", () => {
  const logins = new Logins(KEY);
  const stranger = (now: number, key = "wrong") => logins.logIn(key, { from: "198.51.100.0/24", now });
  for (let tried = 0; tried < 10; tried++) expect(stranger(tried)).toBe("wrong");
  expect(stranger(9, KEY)).toBe("locked");
  expect(logins.logIn(KEY, { from: "192.0.2.0/24", now: 9 })).toHaveProperty("token");
  expect(stranger(10 * 60_000, KEY)).toHaveProperty("token");
});

test("a thousand wrong keys from everywhere shut out everybody: more is not counted", () => {
  const logins = new Logins(KEY);
  for (let tried = 0; tried < 1_000; tried++)
    expect(logins.logIn("wrong", { from: `network ${tried % 100}`, now: 0 })).toBe("wrong");
  expect(logins.logIn(KEY, { from: "192.0.2.0/24", now: 1 })).toBe("locked");
});

test("the page tells networks apart: a stranger who guesses shuts out no operator, from whichever address of theirs", async () => {
  for (let tried = 0; tried < 10; tried++) expect((await logIn("wrong", `2001:db8:5:${tried}::1`)).status).toBe(401);
  const locked = await logIn(KEY, "2001:db8:5:ffff::1");
  expect(locked.status).toBe(429);
  expect(await locked.text()).toContain("Too many wrong keys came");
  expect((await logIn(KEY)).status).toBe(303);
});

test("a login ends by itself after ten hours, and the twenty-first ends the first", () => {
  const logins = new Logins(KEY);
  const tokens = Array.from({ length: 21 }, () => {
    const found = logins.logIn(KEY, { from: "192.0.2.0/24", now: 0 });
    return typeof found === "string" ? "" : found.token;
  });
  expect(logins.isIn(tokens[0], 1)).toBe(false);
  expect(logins.isIn(tokens[1], 1)).toBe(true);
  expect(logins.isIn(tokens[1], 10 * 3_600_000)).toBe(false);
});
