/** The explorer on a chain where something goes on in every contract: what its pages say, the faucet, the way to the chat. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { COIN_NAME } from "@starai/contracts/coin";
import { Hono } from "hono";
import type { Browser, Locator, Page, Route } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "../src/open-browser.ts";
import { pageRoutes } from "../src/page-routes.ts";
import { openBusyChain } from "../src/testing/busy-chain.ts";
import type { BusyChain } from "../src/testing/busy-chain.ts";
import { personOf } from "../src/testing/chain.ts";
import { axeFindings } from "./app-visit.ts";
import { faintTexts } from "./faint-texts.ts";

let busy: BusyChain;
let http: Server;
let browser: Browser;
let origin: string;

beforeAll(async () => {
  busy = await openBusyChain();
  // As `npm start` mounts them: the chat's page beside the chain.
  const routes = new Hono().route("/", busy.ton.ton.routes).route("/", pageRoutes());
  http = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: routes.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(server as Server));
  });
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser.close();
  http.closeAllConnections();
  http.close();
  await busy.ton[Symbol.asyncDispose]();
});

type Options = { colorScheme?: "light" | "dark"; locale?: string; width?: number };

async function openAccount(address: { toString(): string }, options: Options = {}): Promise<Page> {
  const { colorScheme = "light", locale = "en-US", width = 860 } = options;
  const page = await browser.newPage({ colorScheme, locale, viewport: { width, height: 800 } });
  page.on("pageerror", (error) => expect.fail(String(error)));
  await page.goto(`${origin}/ton/#/account/${address.toString()}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

/** The facts of one card as "name: value", as a person reads them. */
async function factsOf(page: Page, title: string): Promise<string[]> {
  const card = page.locator(".card", { has: page.getByRole("heading", { level: 2, name: title, exact: true }) });
  const names = await card.locator("dt").allInnerTexts();
  const values = await card.locator("dd").allInnerTexts();
  return names.map((name, index) => `${name}: ${values[index]!.replaceAll(/\s+/g, " ").trim()}`);
}

test("a vault's page says what it is for, what the payout wallet may still draw, what is proposed and by whom", async () => {
  const page = await openAccount(busy.deposits);
  await page.getByRole("heading", { level: 1, name: "Deposits vault" }).waitFor();
  await page.getByText("Keeps what people prepaid").waitFor();
  const [draws, feeds] = await factsOf(page, "What it holds");
  expect(draws).toMatch(new RegExp(`^Payout wallet may draw: 70(\\.\\d+)? of 100 ${COIN_NAME}$`));
  expect(feeds).toBe(`And pass on to the reward pool: 1,000 of 1,000 ${COIN_NAME}`);
  expect(await factsOf(page, "What waits")).toEqual([
    "Proposed: other limits a day",
    `Payout wallet a day: 50 ${COIN_NAME}`,
    `Reward pool a day: 500 ${COIN_NAME}`,
    "By: Guardian",
    // The chain's clock may be a second ahead of the page's.
    expect.stringMatching(/^Can be done from: .+ in (23 h|1 d)/),
    expect.stringMatching(/^Expires: .+ in [78] d/),
  ]);
  await page.getByRole("link", { name: "Reward distributor" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Reward distributor" }).waitFor();
  await page.close();
});

test("a contract where nothing waits says so, and a wallet has none of these cards", async () => {
  const page = await openAccount(busy.refunds);
  await page.getByText("Nothing waits").waitFor();
  await page.goto(`${origin}/ton/#/account/${busy.ann.wallet.address.toString()}`);
  await page.getByRole("heading", { level: 1, name: "W5 wallet" }).waitFor();
  expect(await page.getByRole("heading", { level: 2 }).allInnerTexts()).toEqual(["On the chain", "Transactions"]);
  await page.close();
});

test("every contract's page is legible and named for a screen reader, light and dark, no wider than 320 pixels", async () => {
  const { deposits, refunds, distributor, account, escrow, unopened } = busy;
  for (const [colorScheme, locale] of [
    ["light", "en-US"],
    ["dark", "ru-RU"],
  ] as const) {
    const page = await openAccount(deposits, { colorScheme, locale, width: 320 });
    for (const address of [deposits, refunds, distributor, account, escrow, unopened]) {
      await page.goto(`${origin}/ton/#/account/${address.toString()}`);
      await page.locator(".address", { hasText: address.toString() }).waitFor();
      const { looked, found } = await page.evaluate(faintTexts);
      expect(looked).toBeGreaterThan(20);
      expect(found).toEqual([]);
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
      expect(await page.getByText("holds_").count()).toBe(0); // Every fact has its text.
    }
    await page.close();
  }
}, 120_000);

/** The words beside the faucet's button, and those read aloud. */
const saidOf = (page: Page): [Locator, Locator] => [page.locator(".faucet .secondary"), page.locator("#said")];

test("by keyboard alone, the faucet says that it gives, then that the money arrived, and keeps the focus", async () => {
  const page = await openAccount(personOf("by keyboard").wallet.address);
  const [beside, aloud] = saidOf(page);
  expect(await beside.innerText()).toBe("");
  const asked: Route[] = [];
  await page.route("**/ton/faucet", (route) => void asked.push(route));
  const button = page.getByRole("button", { name: `Give it 5 ${COIN_NAME} of play money` });
  await button.focus();
  await page.keyboard.press("Enter");
  await beside.filter({ hasText: "The faucet is giving" }).waitFor();
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  await page.keyboard.press("Enter"); // While it works, another press asks for nothing.
  expect(asked).toHaveLength(1);
  await asked[0]!.continue();
  await beside.filter({ hasText: `5 ${COIN_NAME} arrived.` }).waitFor();
  expect(await aloud.textContent()).toBe(`5 ${COIN_NAME} arrived.`);
  await page.locator(".balance .amount", { hasText: `5 ${COIN_NAME}` }).waitFor();
  await page.getByText("“faucet”").waitFor();
  expect(await page.locator(".line").count()).toBe(1);
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.close();
});

test("a faucet that refuses or does not answer says so, and works again after it", async () => {
  const page = await openAccount(personOf("refused").wallet.address);
  const [beside] = saidOf(page);
  const button = page.getByRole("button", { name: /play money/ });
  await page.route("**/ton/faucet", (route) => route.fulfill({ status: 429, json: { error: "busy" } }));
  await button.click();
  await beside.filter({ hasText: "The faucet did not give" }).waitFor();
  await page.unrouteAll();
  await page.route("**/ton/faucet", (route) => route.abort());
  await button.click();
  await beside.filter({ hasText: "The chain does not answer" }).waitFor();
  await page.unrouteAll();
  await button.click();
  await beside.filter({ hasText: "arrived" }).waitFor();
  expect(await page.locator(".faucet .bad").count()).toBe(0);
  await page.close();
});

test("the explorer links to the chat that runs beside it, and the chat's page to the explorer and to the wallet", async () => {
  const page = await openAccount(busy.deposits);
  const chat = page.getByRole("link", { name: "Chat", exact: true });
  await chat.waitFor();
  expect(await chat.getAttribute("href")).toBe("/");
  await page.close();
  const document = await (await fetch(`${origin}/`)).text();
  expect(document).toContain('<a id="open-chain" href="/ton/">');
  expect(document).toContain('<a id="open-wallet" href="/wallet/">');
});

test("a redraw keeps the focus where it was", async () => {
  const page = await openAccount(busy.deposits);
  const link = page.getByRole("link", { name: "Treasury" }).first();
  await link.focus();
  const before = await page.locator(".line").count();
  await busy.ton.opened.faucet.give(busy.deposits, 1_000_000_000n);
  await expect.poll(() => page.locator(".line").count()).toBe(before + 1);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Treasury");
  await page.close();
});
