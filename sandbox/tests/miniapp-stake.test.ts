/**
 * A machine is paired and staked in the Mini App, in a real browser: the code of its terminal, unmodified TON Connect, the dev
 * wallet, and the contributor's own contract on the embedded chain.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Address, toNano } from "@ton/core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeOwnKey } from "@starai/server/gateway/own-keys";
import { people } from "@starai/server/db/schema";
import { workerOwners } from "@starai/server/billing/worker-owners";
import { createTestDatabase } from "@starai/server/testing/database";
import { TEST_MODEL } from "@starai/server/testing/gateway";
import { fund } from "@starai/server/testing/money";
import { ScriptedWorker } from "@starai/server/testing/scripted-worker";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { expectCalm, visit } from "./app-visit.ts";
import type { Visit } from "./app-visit.ts";
import { ANSWER, LentMachine, MANNERS } from "./lent-machine.ts";

const USER = 8_950;

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-stake-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([
    openStagedStack({ home, database, ton: { topUpInTelegram: true } }),
    openBrowser(),
  ]);
  await vi.waitUntil(() => stack.ctx.ton.chain !== null, { timeout: 60_000 });
});
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const approve = (wallet: Page) => wallet.getByRole("button", { name: "Approve" }).click();
const goTo = async (it: Visit, where: string) => (await it.frame()).evaluate(`location.hash = "#${where}"`);

/** A new account of the dev wallet with twenty coins, connected and bound. */
async function connect(it: Visit): Promise<Page> {
  await fetch(`${stack.url}wallet/api/accounts`, { method: "POST" });
  const { accounts } = (await (await fetch(`${stack.url}wallet/api/state`)).json()) as { accounts: { raw: string }[] };
  const { raw } = accounts.at(-1)!;
  const { faucet } = await stack.ton!.open();
  await faucet.give(Address.parseRaw(raw), toNano("20"));
  await goTo(it, "/wallet/coins");
  await it.app.getByRole("button", { name: /^Connect a wallet/ }).click();
  const [wallet] = await Promise.all([
    it.context.waitForEvent("page"),
    it.app
      .getByRole("button", { name: /Dev wallet/ })
      .first()
      .click(),
  ]);
  await wallet.locator(`input[value="${raw}"]`).check();
  await approve(wallet);
  await it.app.getByText(/^Withdrawals to it from/).waitFor();
  return wallet;
}

/** By a program of somebody else's, in coins, for the model that this machine alone has. */
async function payForAnAnswer(): Promise<void> {
  const { ctx } = stack;
  const [payer] = await ctx.db
    .insert(people)
    .values({ telegramId: USER + 1, name: "Ben" })
    .returning();
  await fund(ctx, payer!.id, { coin: toNano("5") });
  const { key } = await makeOwnKey(ctx, payer!.id, { name: "script" });
  const answer = await fetch(`${stack.url}v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: TEST_MODEL, messages: [{ role: "user", content: "Count." }] }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(ANSWER)]);
}

test("a person makes a code for several machines, and one that joins with it is theirs", async () => {
  const user = USER + 2;
  await stack.say(user, "/start");
  await using it = await visit({ stack, browser }, user);
  await it.open();
  await goTo(it, "/machines/pair");
  await it.app.getByRole("button", { name: "Make a code" }).click();
  const option = it.app.getByText(/^--owner-code [0-9a-f]{32}$/);
  await option.waitFor();
  await expectCalm(it);
  const cellar = new ScriptedWorker("cellar", []);
  const ownerCode = (await option.innerText()).split(" ").at(-1);
  Object.assign(cellar, { ownerCode, notes: { coin: 0, stars: 0 } });
  await cellar.join(stack.url.slice(0, -1));
  expect((await cellar.frame("standing")).standing.owner).not.toBeNull();
  await goTo(it, "/machines");
  await it.app.getByText("cellar").waitFor();
  await cellar.leave();
});

test("a code is typed, the machine confirmed, ten coins staked, its first pay held back until a date, and a part of the stake asked back", async () => {
  const { signer } = stack.ctx;
  const machine = new LentMachine("attic", MANNERS.honest, () => ({ [signer.id]: signer.publicKey }));
  const gpu = machine.wire;
  await machine.join(stack.url.slice(0, -1));
  gpu.send({ type: "pair" });
  const { code, link } = await gpu.frame("pairing");
  expect(link).toBe(`${stack.url}?startapp=pair_${code.replace("-", "")}`);

  await stack.say(USER, "/start");
  await using it = await visit({ stack, browser }, USER);
  await it.open();
  await goTo(it, `/machines/pair/${code.replace("-", "")}`);
  await it.app.getByText("Is this your machine?").waitFor();
  await it.app.getByRole("button", { name: "Another code" }).click();
  const field = it.app.getByRole("textbox", { name: /^Code from/ });
  // What the link carried is not looked up again.
  await vi.waitUntil(async () => (await field.inputValue()) === "");
  await field.fill("0000-0000");
  await it.app.getByRole("button", { name: "Find the machine" }).click();
  await it.app.getByText(/^No machine shows this code/).waitFor();
  await field.fill(code.toLowerCase());
  await it.app.getByRole("button", { name: "Find the machine" }).click();
  await it.app.getByText("Is this your machine?").waitFor();
  await it.app.getByText("attic").waitFor();
  await expectCalm(it);
  await it.app.getByRole("button", { name: "It is mine" }).click();
  await it.app.getByText("attic is yours").waitFor();
  await vi.waitUntil(async () => (await gpu.frame("standing")).standing.owner !== null, { timeout: 30_000 });

  const wallet = await connect(it);
  await goTo(it, "/machines/stake");
  await it.app.getByText("The rules").waitFor();
  await expectCalm(it);
  const amount = it.app.getByRole("group", { name: "How much?" }).getByRole("textbox");
  await amount.fill("10");
  await it.app.getByRole("button", { name: "Stake", exact: true }).click();
  await approve(wallet);
  await it.app.getByText(/^It stands behind your machines/).waitFor({ timeout: 60_000 });
  expect((await workerOwners(stack.ctx.db, [gpu.keys.key])).get(gpu.keys.key)?.stake).toBe(toNano("10"));
  await vi.waitUntil(async () => (await gpu.frame("standing")).standing.isPaid, { timeout: 30_000 });
  await it.app.getByRole("button", { name: "Done" }).click();

  // Its first paid answer shows within a minute, as held back, with the day on which it is not any more.
  await payForAnAnswer();
  await goTo(it, "/machines");
  await it.app.getByText(/^Of new machines, until/).waitFor({ timeout: 60_000 });
  const held = it.app.locator(".cell", { hasText: "Held back" });
  await expect.poll(() => held.innerText(), { timeout: 60_000 }).toMatch(/0\.0*[1-9]\d* GRAM/);
  await expectCalm(it);
  await goTo(it, "/machines/stake");

  await it.app.getByRole("button", { name: /^Take back/ }).click();
  await it.app.getByRole("dialog").getByRole("textbox").fill("4");
  await it.app.getByText(/^Asked for now, it can be withdrawn from/).waitFor();
  await it.app
    .getByRole("dialog")
    .getByRole("button", { name: /wallet/ })
    .click();
  await approve(wallet);
  await it.app.getByText(/^The seven days have begun/).waitFor({ timeout: 60_000 });
  await it.app.getByText(/^Can be withdrawn from/).waitFor();
  await expectCalm(it);

  await goTo(it, "/machines");
  await it.app.getByRole("button", { name: /^attic/ }).click();
  const sheet = it.app.getByRole("dialog");
  await sheet.getByRole("button", { name: "Unpair" }).click();
  await sheet.getByText(/^It is nobody's then/).waitFor();
  await sheet.getByRole("button", { name: "Unpair" }).click();
  await vi.waitUntil(async () => (await gpu.frame("standing")).standing.owner === null, { timeout: 30_000 });
  // Without a machine the stake is still theirs, and so is the way to it.
  await it.app.getByText("Behind your machines").click();
  await it.app.getByText("The rules").waitFor();
  expect(it.complaints.filter((one) => !/status of 404/.test(one))).toEqual([]);
  await gpu.leave();
}, 300_000);
