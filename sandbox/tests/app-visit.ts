/** Browser visits of a person to the simulator and the Mini App inside it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Frame, FrameLocator, Page } from "playwright-core";
import { expect } from "vitest";
import type { StagedStack } from "../src/staged-stack.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Timeout of browser actions: several times the slowest one on a busy machine. */
const PATIENCE_MS = 15_000;

export interface VisitOptions {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
  locale?: string;
}

export interface Visit extends AsyncDisposable {
  readonly context: BrowserContext;
  /** The simulator's page. */
  readonly page: Page;
  /** The contents of the sheet. */
  readonly app: FrameLocator;
  /** Browser errors, and requests to addresses outside the stack. */
  readonly complaints: string[];
  /** Opens or reopens the app by the menu button. */
  open(): Promise<void>;
  /** The app's frame, for running code in it. */
  frame(): Promise<Frame>;
  /** Sends a message in the open conversation. */
  ask(text: string): Promise<void>;
}

/** Opens the simulator as this person, who must already have a chat with the bot. */
export async function visit(
  { stack, browser }: { stack: StagedStack; browser: Browser },
  user: number,
  options: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 390, height: options.height ?? 780 },
    colorScheme: options.colorScheme ?? "light",
    locale: options.locale ?? "en-US",
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await context.addInitScript((id) => sessionStorage.setItem("starai.user", id), String(user));
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  context.on("request", (request) => {
    const { protocol, href } = new URL(request.url());
    if (/^https?:/.test(protocol) && !href.startsWith(stack.url)) complaints.push(`a request to ${href}`);
  });
  await page.goto(stack.url);
  const app = page.frameLocator("#sheet iframe");
  const frame = async () => {
    const found = await (await page.locator("#sheet iframe").elementHandle())?.contentFrame();
    if (!found) throw new Error("the app is not open");
    return found;
  };
  return {
    context,
    page,
    app,
    complaints,
    frame,
    open: async () => {
      await page.getByRole("button", { name: /^(App|Открыть)$/ }).click();
      await app.getByRole("heading").first().waitFor();
    },
    ask: async (text) => {
      const field = app.getByRole("textbox", { name: "Message" });
      await field.fill(text);
      await field.press("Enter");
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Serious and critical findings of axe in the app as it is now, one line each. */
export async function seriousFindings({ frame }: Pick<Visit, "frame">): Promise<string[]> {
  return axeFindings(await frame());
}

/** Serious and critical findings of axe in a page or frame, one line each. */
export async function axeFindings(page: Page | Frame): Promise<string[]> {
  // TON Connect's own dialog fades for a moment after it is done; it is not ours to mend.
  await page.locator("[data-tc-icon-button]").first().waitFor({ state: "hidden" });
  await page.evaluate(AXE);
  return page.evaluate<string[]>(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => id + ": " + html.slice(0, 160) + " " + (any[0]?.message ?? ""))))`);
}

/** Horizontal overflow of the app, px. */
export async function sidewaysPx({ frame }: Pick<Visit, "frame">): Promise<number> {
  return (await frame()).evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
}

export async function expectCalm(visit: Visit): Promise<void> {
  // A dialog that was answered fades out, and is looked at again once it has.
  await expect.poll(() => seriousFindings(visit)).toEqual([]);
  await expect.poll(() => sidewaysPx(visit)).toBe(0);
}
