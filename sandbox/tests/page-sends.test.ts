/** Messages beside plain text from the simulator's page, in a real browser. */
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { faintTexts } from "./faint-texts.ts";
import { openBrowser } from "../src/open-browser.ts";
import { serveSimulator } from "./serve-simulator.ts";

const ANN = 4242;
const GROUP = -1_000;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 60_000);
afterAll(() => browser.close());

async function visit() {
  const sim = await serveSimulator();
  await sim.say(ANN, "/start", { name: "Ann" });
  const { telegram } = sim.simulator;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  onTestFinished(async () => {
    await context.close();
    await sim[Symbol.asyncDispose]();
  });
  await page.goto(sim.base);
  // Shown only when the first load has ended, so that no request of it is left to be mistaken for a later one's.
  await page.locator("#thread .row", { hasText: "/start" }).waitFor();
  const updates = () => [...telegram.world.pending.values()];
  return { page, sim, complaints, updates };
}

async function attach(page: Page, kind: "Photos" | "Files", names: string[]): Promise<void> {
  await page.getByRole("button", { name: "Attach" }).click();
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("dialog").getByRole("button", { name: kind }).click();
  const files = names.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(`in ${name}`) }));
  await (await choosing).setFiles(files);
}

async function choose(page: Page, row: number, what: string): Promise<void> {
  await page.locator("#thread .row").nth(row).getByRole("button", { name: "What to do with this message" }).click();
  await page.getByRole("dialog").getByRole("button", { name: what }).click();
}

test("photos become an album with the written text on the first; a file and a voice message are sent alone", async () => {
  const { page, sim, complaints, updates } = await visit();
  await page.getByLabel("Message", { exact: true }).fill("what is this?");
  await attach(page, "Photos", ["a.jpg", "b.jpg"]);
  await sim.until(ANN, (all) => all.length === 3);
  await attach(page, "Files", ["notes.txt"]);
  await sim.until(ANN, (all) => all.length === 4);
  await page.getByRole("button", { name: "Attach" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Voice message" }).click();
  const all = await sim.until(ANN, (messages) => messages.length === 5);
  expect(all.slice(1).map(({ text, files }) => [text, files.map(({ kind }) => kind)])).toEqual([
    ["what is this?", ["photo"]],
    ["", ["photo"]],
    ["", ["document"]],
    ["", ["voice"]],
  ]);
  const [first, second] = updates().flatMap(({ message }) => (message?.photo ? [message] : []));
  expect(first?.media_group_id).toBe(second?.media_group_id);
  expect(await page.getByLabel("Message", { exact: true }).inputValue()).toBe("");
  expect(complaints).toEqual([]);
});

test("a message is replied to, edited and forwarded by its menu; Escape cancels", async () => {
  const { page, sim, updates } = await visit();
  const words = page.getByLabel("Message", { exact: true });
  await sim.say(ANN, "one");
  await choose(page, 1, "Reply");
  await words.fill("about one");
  await page.keyboard.press("Enter");
  expect((await sim.until(ANN, (all) => all.length === 3)).at(-1)?.replyTo?.text).toBe("one");
  await choose(page, 1, "Edit");
  expect(await words.inputValue()).toBe("one");
  await words.fill("one and a half");
  await page.keyboard.press("Enter");
  await sim.until(ANN, (all) => all[1]?.text === "one and a half" && all[1].edited !== null);
  await choose(page, 1, "Forward");
  expect((await sim.until(ANN, (all) => all.length === 4)).at(-1)?.forwardedFrom).toBe("Ann");
  await choose(page, 1, "Reply");
  await page.locator("#about").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#about").waitFor({ state: "hidden" });
  const heard = updates().map(({ message, edited_message: edited }) => [message?.text, edited?.text]);
  expect(heard).toContainEqual([undefined, "one and a half"]);
});

test("in the group only messages that name the bot reach it, and each shows its person's name", async () => {
  const { page, sim, updates } = await visit();
  await page.getByRole("button", { name: "Group" }).click();
  const words = page.getByLabel("Message", { exact: true });
  for (const text of ["to nobody", "@starai_bot hello"]) {
    await words.fill(text);
    await page.keyboard.press("Enter");
  }
  await sim.until(GROUP, (all) => all.length === 2);
  await sim.say(77, "from me", { name: "Kim", chat: GROUP });
  await page.locator("#thread .sender", { hasText: "Kim" }).waitFor();
  const inGroup = updates().flatMap(({ message }) => (message?.chat.id === GROUP ? [message.text] : []));
  expect(inGroup).toEqual(["@starai_bot hello"]);
});

function callBot(base: string, text: string): Promise<Response> {
  return fetch(`${base}/bot7000000001:AAtest-token-of-the-simulator-0123456789/sendMessage`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ chat_id: ANN, text }),
  });
}

test("events during the loading of a chat are neither lost nor shown twice", async () => {
  const { page, sim } = await visit();
  await callBot(sim.base, "before");
  const held: Route[] = [];
  await page.route("**/sim/notice", (route) => void held.push(route));
  const reads = page.waitForResponse("**/sim/calls");
  await page.reload();
  await reads;
  await expect.poll(() => held.length).toBe(1);
  await callBot(sim.base, "meanwhile");
  // Long enough for the event to arrive before the loading ends.
  await page.waitForTimeout(200);
  await held[0]!.continue();
  await page.getByText("sendMessage × 2").waitFor();
  expect(await page.locator("#thread .row").allInnerTexts()).toEqual([
    expect.stringContaining("/start"),
    expect.stringContaining("before"),
    expect.stringContaining("meanwhile"),
  ]);
});

test("a call of the bot opens and shows its parameters with enough contrast", async () => {
  const { page, sim } = await visit();
  await callBot(sim.base, "first");
  await callBot(sim.base, "second");
  // Dispatched directly, because the list is redrawn while a click aims at it.
  await page.getByText("sendMessage × 2").dispatchEvent("click");
  const payload = page.locator(".call pre");
  await expect
    .poll(async () => JSON.parse((await payload.textContent()) || "null") as unknown)
    .toEqual({ chat_id: ANN, text: "second" });
  expect(await payload.isVisible()).toBe(true);
  // Polled, because the opened details fade in.
  await expect.poll(() => page.evaluate(faintTexts)).toMatchObject({ found: [] });
});
