/** The operator's page as a browser asks for it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { slashProposals, workers } from "../../db/schema.ts";
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
