/** The Mini App alone in a real browser, as Telegram opens it: one stack per test file, a new person per test. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { vi } from "vitest";
import { createTestDatabase } from "@starai/server/testing/database";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";

export interface Opened extends AsyncDisposable {
  context: BrowserContext;
  page: Page;
  complaints: string[];
}

export interface OpenWish {
  /** A question to ask in the bot's chat first. */
  question?: string;
  width?: number;
  height?: number;
  /** Runs in the page before the app. */
  script?: string | undefined;
  /** Replacements of Telegram's launch parameters; null removes one. */
  launch?: Record<string, string | null> | undefined;
  /** Called before the page is opened. */
  before?: (context: BrowserContext) => Promise<void>;
}

export type ShellStack = Awaited<ReturnType<typeof openShellStack>>;

export async function openShellStack() {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-shell-"));
  await chmod(home, 0o755);
  const database = await createTestDatabase();
  const [stack, browser] = await Promise.all([openStagedStack({ home, database }), openBrowser()]);
  let lastUser = 7_000;

  /** Opens the app alone, as Telegram does, on a new person's list of chats. */
  async function open(wish: OpenWish = {}): Promise<Opened> {
    const user = ++lastUser;
    if (wish.question !== undefined) {
      await stack.say(user, wish.question);
      const answer = `You said: ${wish.question.split("\n")[0]}`;
      await vi.waitUntil(() => hasAnswer(user, answer), { timeout: 15_000, interval: 50 });
    }
    const context = await browser.newContext({
      viewport: { width: wish.width ?? 390, height: wish.height ?? 780 },
      locale: "en-US",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(15_000);
    if (wish.script !== undefined) await context.addInitScript(wish.script);
    await wish.before?.(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(await launchUrl(user, wish.launch ?? {}));
    await page.getByRole("heading", { name: "Chats" }).first().waitFor();
    if (wish.question !== undefined)
      await page
        .getByRole("button", { name: /^Actions for/ })
        .first()
        .waitFor();
    return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() };
  }

  async function launchUrl(user: number, changed: Record<string, string | null>): Promise<string> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ user, url: `${stack.url}app/`, platform: "tdesktop" });
    const answer = await fetch(`${stack.url}sim/launch`, { method: "POST", headers, body });
    const [address = "", hash = ""] = ((await answer.json()) as { url: string }).url.split("#");
    const params = new URLSearchParams(hash);
    for (const [name, value] of Object.entries(changed)) {
      if (value === null) params.delete(name);
      else params.set(name, value);
    }
    return `${address}#${params.toString()}`;
  }

  async function hasAnswer(user: number, beginning: string): Promise<boolean> {
    const answer = await fetch(`${stack.url}sim/transcript?user=${user}`);
    const { messages } = (await answer.json()) as { messages: { from: string; text: string }[] };
    return messages.some(({ from, text }) => from === "bot" && text.startsWith(beginning));
  }

  return {
    stack,
    browser,
    open,
    /** The launch address of a person without any data. */
    launchUrl: (changed: Record<string, string | null>) => launchUrl(++lastUser, changed),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await stack[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

export const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });
export const tab = (page: Page, name: string) => page.getByRole("navigation").getByRole("link", { name });
