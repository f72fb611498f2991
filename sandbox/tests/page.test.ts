/** The chat page in a real browser, with a scripted bot. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Gate } from "@starai/server/testing/scripted-thinking";
import { faintTexts } from "./faint-texts.ts";
import { openBrowser } from "../src/open-browser.ts";
import { startScriptedBot } from "./scripted-bot.ts";
import type { Seen } from "./scripted-bot.ts";
import { serveSimulator } from "./serve-simulator.ts";
import type { ServedSimulator } from "./serve-simulator.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser.close());

interface Visit {
  page: Page;
  sim: ServedSimulator;
  /** The page's errors, and its requests to other addresses than the simulator's. */
  complaints: string[];
}

async function visit(
  options: {
    width?: number;
    height?: number;
    colorScheme?: "light" | "dark";
    paceMs?: number;
    locale?: string;
    reducedMotion?: "reduce";
    seen?: Seen;
    firstRequest?: { apiKey: string; model: string };
  } = {},
): Promise<Visit> {
  const sim = await serveSimulator(options.firstRequest ? { firstRequest: options.firstRequest } : {});
  const bot = await startScriptedBot(sim.base, {
    paceMs: options.paceMs ?? 20,
    appUrl: `${sim.base}/page/icon.svg`,
    ...(options.seen ? { seen: options.seen } : {}),
  });
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.colorScheme ?? "light",
    locale: options.locale ?? "en-US",
    reducedMotion: options.reducedMotion ?? "no-preference",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // The simulator alone has no /healthz; the whole stack does.
    if (message.type() === "error" && !message.location().url.endsWith("/healthz")) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(sim.base)) complaints.push(`a request to ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    await bot[Symbol.asyncDispose]();
    await sim[Symbol.asyncDispose]();
  });
  await page.goto(sim.base);
  await page.getByRole("button", { name: /^(START|НАЧАТЬ)$/ }).waitFor();
  return { page, sim, complaints };
}

const draft = (page: Page) => page.locator("#draft .bubble");
const bubbles = (page: Page) => page.locator("#thread .row");
const sidewaysPx = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("a person starts the bot, writes, and sees the answer grow and end", async () => {
  const [thought, beginning, whole] = [new Gate(), new Gate(), new Gate()];
  const seen = { thought: thought.opened, beginning: beginning.opened, whole: whole.opened };
  const { page, complaints } = await visit({ seen });
  expect(await page.getByText("every step is computed by graphics cards").isVisible()).toBe(true);
  await page.getByRole("button", { name: "START" }).click();
  await page.getByText("Hello! Ask me anything").waitFor();
  await page.getByLabel("Message", { exact: true }).fill("Which card is faster?");
  await page.keyboard.press("Enter");
  await draft(page).getByText("Looking at what both cards can do").waitFor();
  thought.open();
  await draft(page).getByText("Here is how").waitFor();
  const early = (await draft(page).textContent())?.length ?? 0;
  beginning.open();
  await page.waitForFunction(
    (length) => (document.querySelector("#draft")?.textContent?.length ?? 0) > length + 40,
    early,
  );
  whole.open();
  await page.locator("#thread table").waitFor();
  expect(await page.locator("#thread th").allTextContents()).toEqual([
    "Card",
    "Memory",
    "Speed",
    "Power",
    "Price a month",
  ]);
  const speed = page.locator("#thread td").filter({ hasText: "38 tok/s" });
  expect(await speed.evaluate((cell) => getComputedStyle(cell).textAlign)).toBe("end");
  await expect.poll(() => draft(page).count()).toBe(0);
  expect(await page.locator("#thread blockquote").textContent()).toContain("Prices change");
  expect(complaints).toEqual([]);
});

test("Stop replaces Send and ends the answer; the written part stays", async () => {
  const { page } = await visit({ paceMs: 100 });
  await page.getByRole("button", { name: "START" }).click();
  await page.getByText("Hello! Ask me").waitFor();
  await page.getByLabel("Message", { exact: true }).fill("tell me");
  await page.keyboard.press("Enter");
  await draft(page).getByText("That is a long story").waitFor();
  expect(await page.getByRole("button", { name: "Send" }).isVisible()).toBe(false);
  await page.getByRole("button", { name: "Stop the answer" }).click();
  await page.getByText("Stopped.").waitFor();
  expect(await bubbles(page).last().textContent()).toContain("You said: tell me");
  expect(await draft(page).count()).toBe(0);
  await page.getByRole("button", { name: "Send" }).waitFor();
});

test("inline buttons send callbacks, and the callback's answer is shown", async () => {
  const { page } = await visit();
  await page.getByRole("button", { name: "START" }).click();
  await page.getByRole("button", { name: "What can you do?" }).click();
  await page.getByRole("alert").getByText("I answer questions.").waitFor();
  await page.getByRole("button", { name: "Compare two cards" }).click();
  await page.locator("#thread table").waitFor();
  expect(await page.locator("[aria-busy=true]").count()).toBe(0);
});

test("a web_app button opens a sheet with signed launch data and Escape closes it", async () => {
  const { page, sim } = await visit();
  await page.getByRole("button", { name: "START" }).click();
  await page.getByRole("button", { name: "Open the app" }).click();
  const frame = page.locator("#sheet iframe");
  const url = new URL((await frame.getAttribute("src")) ?? "");
  expect(url.origin).toBe(sim.base);
  const launch = new URLSearchParams(url.hash.slice(1));
  expect(new URLSearchParams(launch.get("tgWebAppData") ?? "").get("hash")).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.parse(launch.get("tgWebAppThemeParams") ?? "")).toMatchObject({ bg_color: "#ffffff" });
  await page.getByRole("button", { name: "Close", exact: true }).press("Escape");
  expect(await page.locator("#sheet").isVisible()).toBe(false);
});

test("code can be copied", async () => {
  const { page } = await visit();
  await page.getByRole("button", { name: "START" }).click();
  await page.getByRole("button", { name: "Compare two cards" }).click();
  await page.locator("#thread").getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^npm run worker -- start/);
});

test("everything can be reached by keyboard alone", async () => {
  const { page } = await visit();
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = () => page.evaluate(() => document.activeElement?.id);
  while ((await focused()) !== "start") await press("Tab");
  await press("Enter");
  await page.getByText("Hello! Ask me").waitFor();
  await expect.poll(focused).toBe("words");
  await page.keyboard.type("/");
  const options = page.locator("#commands").getByRole("option");
  expect(await options.count()).toBe(5);
  await page.keyboard.type("he");
  expect(await options.filter({ hasText: "/help" }).getAttribute("aria-selected")).toBe("true");
  await press("Enter");
  await page.getByText("one step at a time").waitFor();
  await page.keyboard.type("two");
  await press("Shift+Enter");
  await page.keyboard.type("lines");
  await press("Enter");
  await draft(page).getByText("You said").waitFor();
  await press("Escape");
  await page.getByText("Stopped.").waitFor();
  await press("Shift+Tab", "Shift+Tab");
  expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)).not.toBe(
    "none",
  );
});

test("a person's words are never read as markup, nor are a bot's as script", async () => {
  const { page, sim, complaints } = await visit();
  await sim.say(4242, "<img src=x onerror=alert(1)> **no**");
  await page.locator("#thread").getByText("<img src=x onerror=alert(1)> **no**").waitFor();
  const markdown =
    "hello<img src=x onerror=alert(1)><script>alert(2)</script> [x](javascript:alert(3)) <b onclick=alert(4) style='position:fixed'>b</b>";
  const { telegram } = sim.simulator;
  const answer = await fetch(`${sim.base}/bot${telegram.token}/sendRichMessage`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ chat_id: 4242, rich_message: { markdown } }),
  });
  expect(answer.status).toBe(200);
  const rich = page.locator(".rich").filter({ hasText: "hello" });
  await rich.waitFor();
  expect(await rich.locator("img, script, [onclick], [style], a[href^=javascript]").count()).toBe(0);
  // The browser reports what its policy blocked; any other error would be a hole.
  expect(complaints.filter((text) => !text.includes("Content Security Policy"))).toEqual([]);
});

test.each(["light", "dark"] as const)(
  "in the %s theme all text has a contrast of at least 4.5 to 1",
  async (colorScheme) => {
    const { page } = await visit({ colorScheme });
    await page.getByRole("button", { name: "START" }).click();
    await page.getByRole("button", { name: "Compare two cards" }).click();
    await page.locator("#thread table").waitFor();
    const faint = await page.evaluate(faintTexts);
    expect(faint.looked).toBeGreaterThan(30);
    expect(faint.found).toEqual([]);
  },
);

test.each([360, 768, 1280])("at %d px nothing scrolls sideways and every target is 44 px", async (width) => {
  const { page } = await visit({ width, height: 740 });
  await page.getByRole("button", { name: "START" }).click();
  await page.getByRole("button", { name: "Compare two cards" }).click();
  await page.locator("#thread table").waitFor();
  expect(await sidewaysPx(page)).toBe(0);
  expect(await page.locator("#messages").evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  expect(await page.locator("#panel").isVisible()).toBe(width > 700);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, select, textarea, .inline-button")]
      .map((target) => ({ name: target.textContent || target.id, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && box.height < 44)
      .map(({ name }) => name),
  );
  expect(small).toEqual([]);
});

test("on a phone the settings open over the chat; theme, language and person are chosen there", async () => {
  const { page } = await visit({ width: 360, height: 740 });
  await page.getByRole("button", { name: "Settings and Bot API calls" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
  await page.getByRole("button", { name: "Русский" }).click();
  await page.getByText("Песочница").waitFor();
  await page.getByRole("button", { name: "Добавить человека" }).click();
  await expect.poll(() => page.getByLabel("Вы", { exact: true }).locator("option").count()).toBe(2);
  await page.getByRole("button", { name: "Закрыть" }).click();
  expect(await page.locator("#panel").isVisible()).toBe(false);
});

test("the panel explains the page, and has a first API request with its key to copy", async () => {
  const { page, sim, complaints } = await visit({ firstRequest: { apiKey: "sk-test", model: "tiny" } });
  expect(await page.getByText("A Telegram on this machine").isVisible()).toBe(true);
  await page.getByText("Your first API request").click();
  const shown = await page.locator("#first-request pre").textContent();
  expect(shown).toContain(`curl ${sim.base}/v1/chat/completions -H "Authorization: Bearer sk-test"`);
  expect(shown).toContain('"model":"tiny"');
  await page.locator("#first-request").getByRole("button", { name: "Copy" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  expect(complaints).toEqual([]);
});

test("a simulator without a pool offers no API request", async () => {
  const { page } = await visit();
  expect(await page.getByText("Your first API request").isVisible()).toBe(false);
});

test("a new window names its person when there are several; a reload or a person's own choice does not", async () => {
  const { page, sim } = await visit();
  await sim.post("user", { user: 7, name: "Olga", language: "ru" });
  await sim.say(7, "Привет");
  const other = await page.context().newPage();
  await other.goto(sim.base);
  await other.getByText("In this window you are Alex.").waitFor();
  await other.reload();
  await other.getByLabel("You are", { exact: true }).waitFor();
  await other.getByLabel("You are", { exact: true }).selectOption("7");
  await other.locator("#thread").getByText("Привет").first().waitFor();
  expect(await other.getByText("In this window you are").isVisible()).toBe(false);

  const stranger = await page.context().browser()?.newContext();
  const third = await stranger?.newPage();
  await third?.goto(sim.base);
  await third?.getByText("In this window you are Olga.").waitFor();
  await stranger?.close();
});

test("the page restores its chat when the server is back", async () => {
  const { page, sim } = await visit();
  await page.getByRole("button", { name: "START" }).click();
  await page.getByText("Hello! Ask me").waitFor();
  await page.context().setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  sim.dropConnections();
  await page.getByText("The server is gone").waitFor();
  await sim.say(4242, "said meanwhile");
  await page.context().setOffline(false);
  await page.locator("#thread").getByText("said meanwhile").waitFor();
  expect(await page.getByText("The server is gone").isVisible()).toBe(false);
});

test("an answer of 30,000 characters is drawn and scrolled to its end", async () => {
  const { page, sim } = await visit({ reducedMotion: "reduce" });
  await sim.say(4242, "long please");
  const markdown = `${"A paragraph of some words. ".repeat(20)}\n\n`.repeat(55);
  await fetch(`${sim.base}/bot${sim.simulator.telegram.token}/sendRichMessage`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ chat_id: 4242, rich_message: { markdown } }),
  });
  await page.waitForFunction(() => (document.querySelector("#thread")?.textContent?.length ?? 0) > 29_000);
  await expect
    .poll(() =>
      page.locator("#messages").evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight)),
    )
    .toBeLessThan(80);
});
