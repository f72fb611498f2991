/** The client's side of a Mini App, tested by the SDK that real apps use: its requests work and its events arrive. */
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openBrowser } from "../src/open-browser.ts";
import { serveSimulator } from "./serve-simulator.ts";
import type { ServedSimulator } from "./serve-simulator.ts";

const SDK = fileURLToPath(new URL("../../node_modules/@tma.js/sdk/dist/index.iife.js", import.meta.url));
const APP = `<!doctype html><title>app</title><p>app</p><script src="/sdk.js"></script><script>
  const sdk = tmajs.sdk;
  sdk.setTargetOrigin(document.location.ancestorOrigins[0]);
  sdk.init();
  window.heard = [];
  sdk.on("*", ({ name, payload }) => heard.push({ name, payload }));
</script>`;

let browser: Browser;
let app: http.Server;
let appUrl: string;
beforeAll(async () => {
  browser = await openBrowser();
  app = http.createServer((request, response) => {
    const script = request.url === "/sdk.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ? fs.readFileSync(SDK) : APP);
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}/app/`;
}, 60_000);
afterAll(async () => {
  await browser.close();
  app.close();
});

interface OpenSheet {
  page: Page;
  frame: Frame;
  sim: ServedSimulator;
  /** Calls into the SDK inside the app. */
  sdk: <T>(code: string) => Promise<T>;
  heard: (name: string) => Promise<unknown[]>;
}

async function openPage(): Promise<{
  page: Page;
  sim: ServedSimulator;
  call: (method: string, body: object) => Promise<unknown>;
}> {
  const sim = await serveSimulator();
  const context = await browser.newContext({
    viewport: { width: 390, height: 780 },
    colorScheme: "light",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  onTestFinished(async () => {
    await context.close();
    await sim[Symbol.asyncDispose]();
  });
  const call = async (method: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${sim.base}/bot${sim.simulator.telegram.token}/${method}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { result: unknown }).result;
  };
  await call("setChatMenuButton", { menu_button: { type: "web_app", text: "App", web_app: { url: appUrl } } });
  await sim.say(4242, "hello");
  const page = await context.newPage();
  await page.goto(sim.base);
  return { page, sim, call };
}

async function inSheet(page: Page): Promise<Omit<OpenSheet, "sim">> {
  const element = await page.locator("#sheet iframe").elementHandle();
  const frame = await element?.contentFrame();
  if (!frame) throw new Error("the sheet has no frame");
  await frame.waitForFunction("window.heard !== undefined");
  const sdk = <T>(code: string) => frame.evaluate<T>(code);
  const heard = (name: string) =>
    sdk<{ name: string; payload: unknown }[]>("heard").then((all) =>
      all.filter((event) => event.name === name).map(({ payload }) => payload),
    );
  return { page, frame, sdk, heard };
}

async function openSheet(): Promise<OpenSheet> {
  const { page, sim } = await openPage();
  await page.getByRole("button", { name: "App", exact: true }).click();
  return { ...(await inSheet(page)), sim };
}

test("an app gets its size, safe areas and colours, and an event at once when the theme changes", async () => {
  const { page, sdk, heard } = await openSheet();
  const state = await sdk<{ width: number; isExpanded: boolean }>(
    "sdk.viewport.mount().then(() => ({ width: sdk.viewport.width(), isExpanded: sdk.viewport.isExpanded() }))",
  );
  expect(state).toEqual({ width: 390, isExpanded: true });
  await sdk("sdk.themeParams.mount()");
  expect(await sdk("sdk.themeParams.bgColor()")).toBe("#ffffff");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(() => sdk("sdk.themeParams.bgColor()")).toBe("#17212b");
  await sdk("sdk.viewport.requestFullscreen()");
  expect(await heard("fullscreen_changed")).toEqual([{ is_fullscreen: true }]);
  expect((await heard("content_safe_area_changed")).at(-1)).toMatchObject({ top: 52 });
});

test("main, secondary and back buttons are the client's, and a press on them reaches the app", async () => {
  const { page, sdk, heard } = await openSheet();
  await sdk("sdk.mainButton.mount(), sdk.secondaryButton.mount(), sdk.backButton.mount(), undefined");
  expect(await page.locator(".sheet-buttons").isVisible()).toBe(false);
  await sdk('sdk.mainButton.setParams({ text: "Pay", isVisible: true, bgColor: "#112233" }), undefined');
  await sdk('sdk.secondaryButton.setParams({ text: "Later", isVisible: true, position: "top" }), undefined');
  await page.getByRole("button", { name: "Pay" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await expect
    .poll(async () => [...(await heard("main_button_pressed")), ...(await heard("secondary_button_pressed"))].length)
    .toBe(2);
  await sdk("sdk.mainButton.setParams({ isEnabled: false }), undefined");
  expect(await page.getByRole("button", { name: "Pay" }).isDisabled()).toBe(true);
  await sdk("sdk.backButton.show(), undefined");
  await page.getByRole("button", { name: "Back" }).click();
  await expect.poll(async () => (await heard("back_button_pressed")).length).toBe(1);
  expect(await page.locator("#sheet").isVisible()).toBe(true);
});

test("a popup is a real dialog that returns its button's id, or nothing when it is dismissed", async () => {
  const { page, sdk } = await openSheet();
  const ask = () =>
    sdk<string | null>(
      'sdk.popup.show({ title: "Delete?", message: "It is gone then.", buttons: [{ id: "yes", type: "destructive", text: "Delete" }, { id: "no", type: "cancel" }] }).then((id) => id ?? null)',
    );
  const yes = ask();
  await page.getByRole("dialog", { name: "Delete?" }).getByRole("button", { name: "Delete" }).click();
  expect(await yes).toBe("yes");
  const away = ask();
  await page.getByRole("dialog", { name: "Delete?" }).waitFor();
  await page.keyboard.press("Escape");
  expect(await away).toBe(null);
  expect(await page.locator("#sheet").isVisible()).toBe(true);
});

test("closing asks for confirmation if the app requests it, and never twice", async () => {
  const { page, sdk } = await openSheet();
  await sdk("sdk.closingBehavior.mount(), sdk.closingBehavior.enableConfirmation(), undefined");
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  expect(await page.locator("#sheet").isVisible()).toBe(true);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Close anyway" }).click();
  await page.locator("#sheet").waitFor({ state: "hidden" });
});

test("the menu has the app's settings and a reload; the clipboard is read; missing features are reported at once", async () => {
  const { page, frame, sdk, heard } = await openSheet();
  await sdk("sdk.settingsButton.mount(), sdk.settingsButton.show(), undefined");
  await page.getByRole("button", { name: "Menu of the app" }).click();
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await expect.poll(async () => (await heard("settings_button_pressed")).length).toBe(1);
  await page.evaluate(() => navigator.clipboard.writeText("copied words"));
  expect(await sdk("sdk.readTextFromClipboard()")).toBe("copied words");
  await sdk('sdk.shareStory("https://example.com/story.jpg"), undefined');
  await page.getByRole("alert").getByText("does not have this").waitFor();
  await page.getByRole("button", { name: "Menu of the app" }).click();
  const reloaded = frame.waitForNavigation();
  await page.getByRole("button", { name: "Reload the page" }).click();
  await reloaded;
});

test("t.me links act in the chat: start writes, startapp opens the app with its parameter, share fills the field", async () => {
  const { page, sdk, sim } = await openSheet();
  await sdk('sdk.openTelegramLink("https://t.me/starai_bot?start=t_1"), undefined');
  await sim.until(4242, (all) => all.at(-1)?.text === "/start t_1");
  expect(await page.locator("#sheet").isVisible()).toBe(false);
  await sim.say(4242, "see https://t.me/starai_bot/app?startapp=t_abc");
  await page.getByRole("link", { name: /startapp/ }).click();
  const app = await inSheet(page);
  expect(await app.sdk("sdk.retrieveLaunchParams().tgWebAppStartParam")).toBe("t_abc");
  expect(await app.sdk("sdk.retrieveLaunchParams().tgWebAppData.start_param")).toBe("t_abc");
  await app.sdk('sdk.openTelegramLink("https://t.me/share/url?url=&text=Look"), undefined');
  await expect.poll(() => page.getByLabel("Message", { exact: true }).inputValue()).toBe("Look");
});

test("a keyboard button opens an app that may answer the chat once; no other app may", async () => {
  const { page, sim, call } = await openPage();
  const keyboard = [[{ text: "Pick one", web_app: { url: appUrl } }, { text: "Just words" }]];
  await call("sendMessage", { chat_id: 4242, text: "choose", reply_markup: { keyboard } });
  await page.getByRole("button", { name: "Pick one" }).click();
  const picking = await inSheet(page);
  expect(await picking.sdk("sdk.retrieveLaunchParams().tgWebAppData.query_id === undefined")).toBe(true);
  await picking.sdk('sdk.postEvent("web_app_data_send", { data: "the choice" }), undefined');
  await page.locator("#sheet").waitFor({ state: "hidden" });
  const updates = (await call("getUpdates", {})) as { message: { web_app_data?: { data: string } } }[];
  expect(updates.at(-1)?.message.web_app_data).toEqual({ data: "the choice", button_text: "Pick one" });
  await page.getByRole("button", { name: "App", exact: true }).click();
  const menu = await inSheet(page);
  await menu.sdk('sdk.postEvent("web_app_data_send", { data: "no" }), undefined');
  await menu.sdk("sdk.viewport.mount()");
  expect(await page.locator("#sheet").isVisible()).toBe(true);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "Just words" }).click();
  await sim.until(4242, (all) => all.at(-1)?.text === "Just words");
  await call("sendMessage", { chat_id: 4242, text: "done", reply_markup: { remove_keyboard: true } });
  await page.locator("#keyboard").waitFor({ state: "hidden" });
});

test("two windows are two people, each with their own app", async () => {
  const { page, sim } = await openPage();
  // A page that is still loading would start as the person who wrote last.
  await page.getByRole("button", { name: "App", exact: true }).waitFor();
  await sim.say(4243, "hello", { name: "Sasha" });
  const other = await page.context().newPage();
  await other.goto(sim.base);
  await other.getByRole("button", { name: "Settings and Bot API calls" }).click();
  await other.getByLabel("You are", { exact: true }).selectOption({ label: "Sasha" });
  await other.getByRole("button", { name: "Close" }).click();
  await other.reload();
  await page.reload();
  const who = "sdk.retrieveLaunchParams().tgWebAppData.user.id";
  for (const [window, id] of [
    [page, 4242],
    [other, 4243],
  ] as const) {
    await window.getByRole("button", { name: "App", exact: true }).click();
    expect(await (await inSheet(window)).sdk(who)).toBe(id);
  }
});
