import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { COIN_NAME } from "@starai/contracts/coin";
import { beginCell, internal, SendMode, toNano } from "@ton/core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { personOf, TestTon } from "../src/testing/chain.ts";
import { faintTexts } from "./faint-texts.ts";
import { openBrowser } from "../src/open-browser.ts";

let ton: TestTon;
let http: Server;
let browser: Browser;
let url: string;
const ann = personOf("ann");
const bob = personOf("bob").wallet.address;

beforeAll(async () => {
  ton = await TestTon.open();
  http = await new Promise<Server>((resolve) => {
    const server = serve({ fetch: ton.ton.routes.fetch, hostname: "127.0.0.1", port: 0 }, () =>
      resolve(server as Server),
    );
  });
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/ton/`;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  http.closeAllConnections();
  http.close();
  await ton[Symbol.asyncDispose]();
});

async function openPage(
  options: { colorScheme?: "light" | "dark"; locale?: string; width?: number } = {},
): Promise<Page> {
  const { colorScheme = "light", locale = "en-US", width = 860 } = options;
  const page = await browser.newPage({ colorScheme, locale, viewport: { width, height: 800 } });
  page.on("pageerror", (error) => expect.fail(String(error)));
  await page.goto(url);
  return page;
}

test("an empty chain has a hint; a payment appears without a reload and links to its whole tree", async () => {
  const page = await openPage();
  await page.getByText("Nothing has happened yet").waitFor();

  await ton.post("/faucet", { address: ann.wallet.address.toString(), amount: toNano(5).toString() });
  await page.getByText("“faucet”").waitFor();
  const refusedByNobody = {
    to: bob,
    value: toNano("0.1"),
    bounce: true,
    body: beginCell().storeUint(0x12345678, 32).endCell(),
  };
  await ton.client.open(ann.wallet).send(
    ann.wallet.createTransfer({
      seqno: 0,
      timeout: ton.opened.chain.nowS() + 60,
      secretKey: ann.secretKey,
      sendMode: SendMode.PAY_GAS_SEPARATELY,
      messages: [
        internal({ to: bob, value: toNano("1.2345678"), bounce: false, body: "<b>for</b> the pizza" }),
        internal(refusedByNobody),
      ],
    }),
  );
  await ton.opened.chain.settled();
  await page.getByText("“<b>for</b> the pizza”").waitFor(); // A comment is text, never markup.
  await page.getByRole("link", { name: "What one message caused" }).first().click();
  await page.getByText("came back").waitFor();
  expect(await page.locator(".node").count()).toBe(4);
  const amount = page.getByRole("button", { name: new RegExp(`^1\\.2345 ${COIN_NAME}`) });
  await amount.click();
  expect(await page.getByText("1,234,567,800 nano").count()).toBe(1);
  await page.close();
});

test("an account is found by name, by address and by keyboard alone; nonsense is reported as unknown", async () => {
  const page = await openPage({ locale: "ru-RU", colorScheme: "dark" });
  await page.getByText("Что произошло").waitFor();
  await page.keyboard.press("Tab"); // skip link
  await page.keyboard.press("Tab"); // home
  await page.keyboard.press("Tab"); // search
  await page.keyboard.type("Казна");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Казна" }).waitFor();
  await page.getByRole("searchbox").fill(bob.toString());
  await page.keyboard.press("Enter");
  await expect.poll(() => new URL(page.url()).hash).toBe(`#/account/${bob.toString()}`);
  await page.getByText("ещё без кода").first().waitFor();
  await page.getByRole("searchbox").fill("no such thing");
  await page.keyboard.press("Enter");
  await page.getByText("Здесь нет такого адреса").waitFor();
  await page.close();
});

test("an unknown address is reported instead of showing the overview; the chain alone has no link to a chat", async () => {
  const page = await openPage();
  await page.goto(`${url}#/blocks/7`);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  expect(await page.getByText("What happened").count()).toBe(0);
  expect(await page.getByRole("link", { name: "Chat", exact: true }).isVisible()).toBe(false);
  await page.getByRole("link", { name: "To the overview" }).click();
  await page.getByText("What happened").waitFor();
  await page.close();
});

test("all text has enough contrast and nothing is wider than the screen, light and dark, at 360 pixels", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await openPage({ colorScheme, width: 360 });
    for (const hash of ["#/", `#/account/${ann.wallet.address.toString()}`, "#/tx/4001000", "#/accounts"]) {
      await page.goto(url + hash);
      await page.locator(".card").first().waitFor();
      await page.locator(".skeleton").first().waitFor({ state: "detached" });
      const { looked, found } = await page.evaluate(faintTexts);
      expect(looked).toBeGreaterThan(5);
      expect(found).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    }
    await page.close();
  }
});

test("the chain's clock is moved by a day at a button", async () => {
  const page = await openPage();
  const before = ton.opened.chain.nowS();
  await page.getByRole("button", { name: "A day later" }).click();
  await page.getByText(/^moved ahead by/).waitFor();
  expect(ton.opened.chain.nowS() - before).toBeGreaterThanOrEqual(86_400);
  await page.close();
});

test("when the chain stops the page says so and keeps its contents", async () => {
  const page = await openPage();
  await page.locator(".line").first().waitFor();
  await page.route("**/explorer/**", (route) => route.abort());
  await page.getByRole("status").filter({ hasText: "The chain does not answer" }).waitFor();
  expect(await page.locator(".line").count()).toBeGreaterThan(0);
  await page.goto(`${url}#/accounts`);
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("All accounts").waitFor();
  await page.close();
});
