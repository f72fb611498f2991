/** Paying in Stars on the simulator's page, in a real browser and with a real bot that sells. */
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openBrowser } from "../src/open-browser.ts";
import { faintTexts } from "./faint-texts.ts";
import { serveSimulator } from "./serve-simulator.ts";
import type { ServedSimulator } from "./serve-simulator.ts";
import { startShopBot } from "./shop-bot.ts";
import type { ShopBot } from "./shop-bot.ts";

const ANN = 4242;
/** STARAI_SHOTS=folder keeps a picture of each state, to be looked at. */
const SHOTS = process.env.STARAI_SHOTS;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser.close());

interface Visit {
  page: Page;
  sim: ServedSimulator;
  shop: ShopBot;
  time: { ahead: number };
  complaints: string[];
  shot(name: string): Promise<void>;
}

async function visit(
  options: { width?: number; colorScheme?: "light" | "dark"; locale?: string } = {},
): Promise<Visit> {
  const time = { ahead: 0 };
  const sim = await serveSimulator({ clock: () => Date.now() + time.ahead });
  const shop = await startShopBot(sim.base);
  const { width = 1280, colorScheme = "light", locale = "en-US" } = options;
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    locale,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  onTestFinished(async () => {
    await context.close();
    await shop[Symbol.asyncDispose]();
    await sim[Symbol.asyncDispose]();
  });
  const shot = async (name: string) => {
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}-${colorScheme}-${locale.slice(0, 2)}-${width}.png` });
  };
  await sim.say(ANN, "/start", { name: "Ann", language: locale.slice(0, 2) });
  await page.goto(sim.base);
  await page.getByText("Send /buy").waitFor();
  return { page, sim, shop, time, complaints, shot };
}

async function buy({ page, sim }: Visit, stars: number): Promise<void> {
  const before = await page.locator(".inline-button").count();
  await sim.say(ANN, `/buy ${stars}`);
  await page.locator(".inline-button").nth(before).click();
  await page.getByRole("dialog").waitFor();
}

const dialog = (page: Page) => page.getByRole("dialog");
const services = (page: Page) => page.locator("#thread .service").allInnerTexts();
const balance = async (page: Page) =>
  Number((await page.locator("#stars .stars").first().innerText()).replace(/\D/g, ""));

test("a person buys by the keyboard, the bot agrees, refunds, and each step is said in the chat", async () => {
  const it = await visit();
  const { page, shop, sim } = it;
  await sim.say(ANN, "/buy 50");
  await page.getByRole("button", { name: /^Pay\s*50/ }).focus();
  await it.shot("invoice");
  await page.keyboard.press("Enter");
  await dialog(page).getByText("1,000").waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("checkout-title");
  await it.shot("checkout");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => services(page))
    .toEqual([expect.stringMatching(/^You paid\s*50\s*Stars\s*for 50 Stars of answers$/)]);
  expect(await dialog(page).count()).toBe(0);
  await expect.poll(() => balance(page)).toBe(950);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Pay/);
  await sim.say(ANN, "/refund");
  await expect.poll(() => services(page)).toHaveLength(2);
  await expect.poll(() => balance(page)).toBe(1_000);
  await it.shot("refunded");
  expect(shop.heard).toEqual(["pre_checkout_query", "successful_payment", "refunded_payment"]);
  expect((await shop.bot.api.getStarTransactions()).transactions.map(({ id }) => id)).toEqual([
    shop.charges[0],
    shop.charges[0],
  ]);
  await sim.say(ANN, "/refund");
  await page.getByText("Bad Request: CHARGE_ALREADY_REFUNDED", { exact: true }).waitFor();
  expect(it.complaints).toEqual([]);
});

test("a refused payment shows the bot's words and costs nothing; Escape pays nothing at all", async () => {
  const it = await visit();
  const { page, shop } = it;
  shop.answer = { kind: "refuse", reason: "This order is older than half an hour. Send /buy again." };
  await buy(it, 50);
  await dialog(page).getByRole("button", { name: /^Pay/ }).click();
  await dialog(page).getByText("older than half an hour").waitFor();
  await dialog(page).getByText("Nothing was paid.").waitFor();
  await it.shot("refused");
  shop.answer = { kind: "agree" };
  await page.keyboard.press("Escape");
  await buy(it, 60);
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  expect(shop.heard).toEqual(["pre_checkout_query"]);
  expect(await services(page)).toEqual([]);
  expect(await balance(page)).toBe(1_000);
});

test("a bot that stays silent for ten seconds is not paid, and the person may try again", async () => {
  const it = await visit();
  const { page, shop, time, sim } = it;
  shop.answer = { kind: "silent" };
  await buy(it, 50);
  await dialog(page).getByRole("button", { name: /^Pay/ }).click();
  await dialog(page).getByText("Asking the bot…").waitFor();
  await expect.poll(() => shop.heard.length).toBe(1);
  await it.shot("checking");
  time.ahead += 10_000;
  await sim.transcript(ANN);
  await dialog(page).getByText("did not answer within ten seconds").waitFor();
  expect(await balance(page)).toBe(1_000);
  shop.answer = { kind: "agree" };
  await dialog(page).getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => services(page)).toHaveLength(1);
});

test("a person with too few Stars is offered more, and only then the bot is asked", async () => {
  const it = await visit();
  const { page, shop } = it;
  await buy(it, 1_500);
  await dialog(page).getByText("You have too few Stars").waitFor();
  await it.shot("too-few");
  expect(await dialog(page).getByRole("button", { name: /^Pay/ }).count()).toBe(0);
  await dialog(page).getByRole("button", { name: /^Get/ }).click();
  await dialog(page).getByRole("button", { name: /^Pay/ }).click();
  await expect.poll(() => services(page)).toHaveLength(1);
  expect(shop.heard).toEqual(["pre_checkout_query", "successful_payment"]);
  await expect.poll(() => balance(page)).toBe(500);
});

test("a subscription is bought by its link, canceled, taken up again and renewed when its time comes", async () => {
  const it = await visit();
  const { page, shop, time, sim } = it;
  await sim.say(ANN, "/link");
  await page.getByRole("link", { name: /t\.me/ }).click();
  await dialog(page).getByText("Price, every 30 days").waitFor();
  await dialog(page).getByRole("button", { name: /^Pay/ }).click();
  const panel = page.locator("#stars");
  await panel.getByText("renews on").waitFor();
  await it.shot("subscribed");
  await panel.getByRole("button", { name: "Cancel" }).click();
  await panel.getByText("ends on").waitFor();
  await panel.getByRole("button", { name: "Resume" }).click();
  await panel.getByText("renews on").waitFor();
  time.ahead += 2_592_000_000;
  await sim.transcript(ANN);
  await expect.poll(() => services(page)).toHaveLength(2);
  await expect.poll(() => balance(page)).toBe(800);
  await expect
    .poll(() => shop.heard.slice(1))
    .toEqual(["successful_payment", "subscription canceled", "subscription active", "successful_payment"]);
});

const SDK = fileURLToPath(new URL("../../node_modules/@tma.js/sdk/dist/index.iife.js", import.meta.url));
const APP = `<!doctype html><title>app</title><p>app</p><script src="/sdk.js"></script><script>
  tmajs.sdk.setTargetOrigin(document.location.ancestorOrigins[0]);
  tmajs.sdk.init();
  window.ready = true;
</script>`;

/** Serves a Mini App that is only the SDK. */
async function serveApp(): Promise<string> {
  const app = http.createServer((request, response) => {
    const script = request.url === "/sdk.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ? fs.readFileSync(SDK) : APP);
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void app.close());
  return `http://127.0.0.1:${(app.address() as AddressInfo).port}/app/`;
}

test("a Mini App that opens an invoice is told paid, cancelled, failed or pending", async () => {
  const it = await visit({ width: 390 });
  const { page, shop, sim } = it;
  const url = await serveApp();
  await shop.bot.api.setChatMenuButton({ menu_button: { type: "web_app", text: "App", web_app: { url } } });
  await page.getByRole("button", { name: "App", exact: true }).click();
  const frame = await (await page.locator("#sheet iframe").elementHandle())?.contentFrame();
  if (!frame) throw new Error("the sheet has no frame");
  await frame.waitForFunction("window.ready");
  const link = await shop.link(70);
  const open = async (act: () => Promise<void>) => {
    const status = frame.evaluate((to) => (window as never as SdkWindow).tmajs.sdk.invoice.openUrl(to), link);
    await dialog(page).getByText("StarAI monthly").waitFor();
    await act();
    return status;
  };
  const press = () => dialog(page).getByRole("button", { name: /^Pay/ }).click();
  expect(await open(press)).toBe("paid");
  await page.getByRole("alert").getByText("Paid.").waitFor();
  expect(await open(() => page.keyboard.press("Escape"))).toBe("cancelled");
  shop.answer = { kind: "refuse", reason: "Not today." };
  const failed = await open(async () => {
    await press();
    await dialog(page).getByText("Not today.").waitFor();
    await page.keyboard.press("Escape");
  });
  expect(failed).toBe("failed");
  shop.answer = { kind: "silent" };
  const pending = await open(async () => {
    await press();
    await it.shot("app-checking");
    await page.locator(".checkout").getByRole("button", { name: "Close" }).click();
  });
  expect(pending).toBe("pending");
  expect(await page.locator("#sheet").isVisible()).toBe(true);
  const gone = frame.evaluate(() => (window as never as SdkWindow).tmajs.sdk.invoice.openUrl("https://t.me/$none"));
  expect(await gone).toBe("failed");
  expect((await sim.transcript(ANN)).filter(({ payment }) => payment !== null)).toHaveLength(1);
});

interface SdkWindow {
  tmajs: { sdk: { invoice: { openUrl(url: string): Promise<string> } } };
}

test.each([
  ["light", "en-US", 1280],
  ["dark", "en-US", 390],
  ["light", "ru-RU", 360],
  ["dark", "ru-RU", 1280],
] as const)("in %s, %s and %i px every text is readable and nothing is cut", async (colorScheme, locale, width) => {
  const it = await visit({ colorScheme, locale, width });
  const { page, sim, shop } = it;
  await sim.post("pay", { user: ANN, slug: (await shop.link(100, { subscription_period: 2_592_000 })).split("$")[1] });
  await sim.say(ANN, "/refund");
  shop.answer = { kind: "refuse", reason: "x".repeat(200) };
  await buy(it, 50);
  await it.shot("look-checkout");
  await dialog(page).locator(".host-button").click();
  await dialog(page).getByText("xxx").waitFor();
  await it.shot("look-refused");
  const faint = await page.evaluate(faintTexts);
  expect(faint.found).toEqual([]);
  expect(faint.looked).toBeGreaterThan(15);
  await page.keyboard.press("Escape");
  await buy(it, 2_000);
  await it.shot("look-too-few");
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll(".checkout, .checkout *, .service, .invoice, .inline-button")]
      .filter(
        (each) => each instanceof HTMLElement && !each.closest(".unseen") && each.scrollWidth > each.clientWidth + 1,
      )
      .filter((each) => getComputedStyle(each).display !== "inline")
      .map((each) => each.className),
  );
  expect(cut).toEqual([]);
  await page.keyboard.press("Escape");
  if (width < 700) await page.locator("#open-panel").click();
  await page.locator("#stars").waitFor();
  await it.shot("look-panel");
  const panel = await page.locator("#stars").evaluate((box) => box.scrollWidth - box.clientWidth);
  expect(panel).toBe(0);
});
