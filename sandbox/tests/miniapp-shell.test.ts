/** The Mini App's shell in a real browser: what holds when parts, the network, the server or the browser's storage give way, and the way of a keyboard through every screen. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase } from "@starai/server/db/test-database";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedHouse } from "../src/staged-house.ts";
import type { StagedHouse } from "../src/staged-house.ts";
import { axeFindings } from "./app-visit.ts";
import FAULTS from "./launch-faults.json" with { type: "json" };

let house: StagedHouse;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-shell-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [house, browser] = await Promise.all([openStagedHouse({ home, database }), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await house[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

let lastUser = 7_000;

interface Opened extends AsyncDisposable {
  context: BrowserContext;
  page: Page;
  complaints: string[];
}

interface OpenWish {
  /** What is asked in the bot's chat first. */
  question?: string;
  width?: number;
  height?: number;
  /** Runs in the page before the app. */
  script?: string | undefined;
  /** Launch parameters put in place of Telegram's; null takes one out. */
  launch?: Record<string, string | null> | undefined;
  /** Before the page is opened. */
  before?: (context: BrowserContext) => Promise<void>;
}

/** The app alone, as Telegram opens it: a person of one's own on their list of chats. */
async function open(wish: OpenWish = {}): Promise<Opened> {
  const user = ++lastUser;
  if (wish.question !== undefined) {
    await house.say(user, wish.question);
    const answer = `You said: ${wish.question.split("\n")[0]}`;
    await vi.waitUntil(() => wasTold(user, answer), { timeout: 15_000, interval: 50 });
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
  const body = JSON.stringify({ user, url: `${house.url}app/`, platform: "tdesktop" });
  const answer = await fetch(`${house.url}sim/launch`, { method: "POST", headers, body });
  const [address = "", hash = ""] = ((await answer.json()) as { url: string }).url.split("#");
  const params = new URLSearchParams(hash);
  for (const [name, value] of Object.entries(changed)) {
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  return `${address}#${params.toString()}`;
}

async function wasTold(user: number, beginning: string): Promise<boolean> {
  const answer = await fetch(`${house.url}sim/transcript?user=${user}`);
  const { messages } = (await answer.json()) as { messages: { from: string; text: string }[] };
  return messages.some(({ from, text }) => from === "bot" && text.startsWith(beginning));
}

/** Answers for a part's files until told otherwise. */
function breakPart(name: string, how: "abort" | 404 | 500) {
  const state = { broken: true, asked: 0 };
  const install = async (context: BrowserContext): Promise<void> => {
    await context.route(
      (url) => url.pathname.includes(`/assets/${name}-`),
      (route) => {
        state.asked += 1;
        if (!state.broken) return route.continue();
        return how === "abort" ? route.abort() : route.fulfill({ status: how, body: "{}" });
      },
    );
  };
  return { state, install };
}

const heading = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 });
const tab = (page: Page, name: string) => page.getByRole("navigation").getByRole("link", { name });
const failed = (page: Page) => page.getByRole("button", { name: "Try again" });
/** The focused element: its name, or its tag. */
const focused = (page: Page) =>
  page.evaluate<string>(
    "((e) => e === document.body ? '' : e.getAttribute('aria-label') || (e.matches('textarea, input') ? e.tagName : e.textContent))(document.activeElement)",
  );

describe("a part that cannot be loaded", () => {
  test("offline takes down its own screen only, and fills it when the network is back", async () => {
    const settings = breakPart("SettingsScreen", "abort");
    await using app = await open({ question: "metro", before: settings.install });
    await app.context.setOffline(true);
    await tab(app.page, "Settings").click();
    await app.page.getByRole("heading", { name: "No network" }).waitFor();
    await tab(app.page, "Chats").click();
    await app.page.getByRole("link", { name: "metro" }).first().waitFor();
    await tab(app.page, "Settings").click();
    await app.page.getByRole("heading", { name: "No network" }).waitFor();
    settings.state.broken = false;
    await app.context.setOffline(false);
    await app.page.getByText("Signed in as").waitFor();
    expect(app.complaints).toEqual([]);
  });

  test("is there already when the network goes: the screens are fetched while nothing else is to be done", async () => {
    await using app = await open({ question: "tunnel" });
    const fetched = `performance.getEntriesByType("resource").some(({ name }) => name.includes("PoolScreen-"))`;
    await expect.poll(() => app.page.evaluate(fetched), { timeout: 15_000 }).toBe(true);
    await app.context.setOffline(true);
    await tab(app.page, "Pool").click();
    await heading(app.page, "Pool").waitFor();
    await app.page.getByText("No network").first().waitFor();
    await app.context.setOffline(false);
    await app.page.getByText("Machines online").waitFor();
  });

  test("that a deployment replaced starts the page anew once, where it was", async () => {
    const settings = breakPart("SettingsScreen", 404);
    await using app = await open({ question: "deployed", before: settings.install });
    let starts = 0;
    app.page.on("load", () => {
      starts += 1;
      settings.state.broken = false;
    });
    await deploy(app.context);
    await tab(app.page, "Settings").click();
    await app.page.getByText("Signed in as").waitFor();
    expect(starts).toBe(1);
    expect(app.page.url()).toContain("#/settings");
  });

  test("and is gone for good is said, with the other screens at hand, and never starts the page in a circle", async () => {
    const settings = breakPart("SettingsScreen", 404);
    await using app = await open({ question: "gone", before: settings.install });
    let starts = 0;
    app.page.on("load", () => (starts += 1));
    await deploy(app.context);
    await tab(app.page, "Settings").click();
    await app.page.getByText("A new version of StarAI is out").waitFor();
    expect(starts).toBe(1);
    await failed(app.page).click();
    await app.page.getByText("A new version of StarAI is out").waitFor();
    expect(starts).toBe(1);
    await tab(app.page, "Pool").click();
    await app.page.getByText("Machines online").waitFor();
  });

  test("because the server failed is told, not the reason to start anew, and comes with one tap", async () => {
    const settings = breakPart("SettingsScreen", 500);
    await using app = await open({ question: "five hundred", before: settings.install });
    let starts = 0;
    app.page.on("load", () => (starts += 1));
    await tab(app.page, "Settings").click();
    await app.page.getByRole("heading", { name: "That did not work" }).waitFor();
    settings.state.broken = false;
    await failed(app.page).click();
    await app.page.getByText("Signed in as").waitFor();
    expect(starts).toBe(0);
  });

  test("of a chat leaves the answer as plain words, and its menu says so and stays away", async () => {
    const markdown = breakPart("Markdown", 500);
    const menu = breakPart("ThreadActions", 500);
    await using app = await open({
      question: "plain **words**",
      before: async (context) => {
        await markdown.install(context);
        await menu.install(context);
      },
    });
    await app.page.getByRole("link", { name: "plain **words**" }).first().click();
    await app.page.getByText("You said: plain **words**").waitFor();
    await app.page.getByRole("button", { name: /^Actions for/ }).click();
    await app.page.getByText("The server did not answer as it should").waitFor();
    menu.state.broken = false;
    const opened = async () => {
      if (await app.page.getByRole("menu").isVisible()) return true;
      // Open by now, it stands before its button.
      await app.page
        .getByRole("button", { name: /^Actions for/ })
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      return false;
    };
    await expect.poll(opened, { timeout: 15_000 }).toBe(true);
  });

  test("a screen whose data the server cannot give says so, and fills with one tap", async () => {
    let broken = true;
    await using app = await open({
      question: "no profile",
      before: async (context) => {
        await context.route("**/api/my/profile", (route) =>
          broken
            ? route.fulfill({ status: 500, body: '{"error":{"code":"internal","message":"no"}}' })
            : route.continue(),
        );
      },
    });
    await tab(app.page, "Settings").click();
    await failed(app.page).waitFor();
    expect(await tab(app.page, "Chats").isVisible()).toBe(true);
    broken = false;
    await failed(app.page).click();
    await app.page.getByText("Signed in as").waitFor();
  });
});

/** From now on the server's page names another version. */
async function deploy(context: BrowserContext): Promise<void> {
  await context.route(
    (url) => url.pathname === "/app/",
    (route) =>
      route.request().resourceType() === "fetch"
        ? route.fulfill({
            contentType: "text/html",
            body: '<script type="module" src="./assets/index-newer.js"></script>',
          })
        : route.continue(),
  );
}

describe("a launch", () => {
  test.each(FAULTS.map((fault) => ({ ...fault, name: fault.what ?? JSON.stringify(fault.launch) })))(
    "opens the person's chats: $id $kind, $name",
    async ({ script, launch }) => {
      await using app = await open({ question: "still mine", script, launch });
      await app.page.getByRole("link", { name: "still mine" }).first().click();
      const field = app.page.getByRole("textbox", { name: "Message" });
      await field.fill("and on");
      await field.press("Enter");
      await app.page.getByRole("list", { name: "Messages" }).getByText("You said: and on").waitFor();
      expect(app.complaints).toEqual([]);
    },
  );

  test("that nobody signed opens nobody's chats, whatever its colours", async () => {
    await using context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(await launchUrl(++lastUser, { tgWebAppData: null }));
    await page.getByText("An AI agent in Telegram").waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
  });
});

describe("without a network or a server", () => {
  test("the banner is in sight at the end of a long chat, and what cannot be done is said", async () => {
    await using app = await open({ question: "long\n".repeat(80) });
    await app.page.getByRole("link", { name: /long/ }).first().click();
    await app.page.getByRole("list", { name: "Messages" }).getByText("You said").waitFor();
    await app.context.setOffline(true);
    const banner = app.page.getByText("No network. What you write is kept");
    await banner.waitFor();
    expect((await banner.boundingBox())?.y).toBeGreaterThanOrEqual(0);
    expect(await app.page.evaluate("scrollY")).toBeGreaterThan(100);
    await app.page.getByRole("button", { name: "Back" }).click();
    await app.page.getByRole("button", { name: "New chat" }).click();
    await app.page.getByText("A new chat needs the network").waitFor();
    await app.page.getByRole("searchbox").fill("zebra");
    await app.page.getByText("Searching needs the network").waitFor();
    await app.context.setOffline(false);
    await app.page.getByText("Nothing found").waitFor();
    expect(await axeFindings(app.page)).toEqual([]);
  });

  test("a server that is away is said where one writes, and what was written goes when it is back", async () => {
    await using app = await open({ question: "is it there" });
    await app.page.getByRole("link", { name: "is it there" }).first().click();
    const field = app.page.getByRole("textbox", { name: "Message" });
    await field.waitFor();
    await house.restartServer(async () => {
      await app.page.getByText("StarAI cannot be reached right now").waitFor();
      await field.fill("written meanwhile");
      await field.press("Enter");
      await app.page.getByText("Waits until StarAI can be reached").waitFor();
    });
    await app.page
      .getByRole("list", { name: "Messages" })
      .getByText("You said: written meanwhile")
      .waitFor({ timeout: 40_000 });
    await app.page.getByText("StarAI cannot be reached right now").waitFor({ state: "detached" });
    expect(await app.page.getByText("written meanwhile", { exact: true }).count()).toBe(1);
  });
});

describe("the focus", () => {
  test("is where it was after a menu, a sheet and an edit, on the heading after a way forth and on the row after the way back", async () => {
    await using app = await open({ question: "where am I" });
    const { page } = app;
    await page.getByRole("button", { name: "Actions for “where am I”" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("Actions for “where am I”");
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByRole("dialog", { name: "Rename" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => focused(page)).toBe("Actions for “where am I”");

    await page.getByRole("link", { name: "where am I" }).first().click();
    await page.getByRole("list", { name: "Messages" }).getByText("You said: where am I").waitFor();
    await expect.poll(() => focused(page)).toBe("Message");
    await expect.poll(() => page.title()).toBe("where am I — StarAI");
    const menu = page.getByRole("button", { name: "What to do with: where am I" });
    await menu.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("What to do with: where am I");
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await page.getByText("A new version of your message").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("A new version of your message").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("Message");

    await page.getByRole("button", { name: "Back" }).click();
    await heading(page, "Chats").waitFor();
    await expect.poll(() => focused(page)).toContain("where am I");
    await tab(page, "Settings").click();
    await page.getByText("Signed in as").waitFor();
    await expect.poll(() => focused(page)).toBe("Settings");
    expect(await page.title()).toBe("Settings — StarAI");
  });

  test("goes by keys: to the search, to a new chat, and past the messages to the field; keys of a dialog stay its own", async () => {
    await using app = await open({ question: "by keys" });
    const { page } = app;
    await tab(page, "Pool").click();
    await page.getByText("Machines online").waitFor();
    await page.keyboard.press("Control+k");
    await heading(page, "Chats").waitFor();
    await expect.poll(() => focused(page)).toBe("Search");
    await page.keyboard.press("Control+Shift+O");
    await page.getByText("What would you like to know?").waitFor();
    await expect.poll(() => focused(page)).toBe("Message");
    await page.evaluate("document.activeElement.blur()");
    await page.getByRole("button", { name: "Skip to the content" }).focus();
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("Message");
    await page.getByRole("button", { name: /^Actions for/ }).click();
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Control+k");
    expect(await page.getByRole("menu").isVisible()).toBe(true);
  });
});

describe("a wide window", () => {
  test("shows the list beside the chat; a narrow one shows one of them", async () => {
    await using app = await open({ question: "side by side", width: 1_280, height: 800 });
    const { page } = app;
    const list = page.getByRole("region", { name: "Chats" });
    await page.getByText("Choose a chat").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await list.getByRole("link", { name: "side by side" }).click();
    const answer = page.getByRole("list", { name: "Messages" }).getByText("You said: side by side");
    await answer.waitFor();
    expect(await list.getByRole("link", { name: "side by side" }).getAttribute("aria-current")).toBe("page");
    const [beside, inChat] = [await list.boundingBox(), await answer.boundingBox()];
    expect((beside?.x ?? 0) + (beside?.width ?? 0)).toBeLessThanOrEqual(inChat?.x ?? 0);
    const field = await page.getByRole("textbox", { name: "Message" }).boundingBox();
    expect(field?.x).toBeGreaterThan((beside?.x ?? 0) + (beside?.width ?? 0));
    expect(await axeFindings(page)).toEqual([]);
    for (const name of ["Pool", "Settings"]) {
      await tab(page, name).click();
      await heading(page, name).waitFor();
      expect(await list.isVisible()).toBe(true);
      expect(await axeFindings(page)).toEqual([]);
    }
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 899, height: 800 });
    await list.waitFor({ state: "detached" });
  });
});

test.each([390, 1_280])("a keyboard alone goes through every screen and back at %i px", async (width) => {
  await using app = await open({ question: "only keys", width });
  const { page } = app;
  /** Tabs on until the focused element is called so. */
  const reach = async (name: string) => {
    for (let tabs = 0; tabs < 60; tabs++) {
      if ((await focused(page)).includes(name)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`no way by Tab to “${name}”; at “${await focused(page)}”`);
  };
  const enter = async (name: string) => {
    await reach(name);
    await page.keyboard.press("Enter");
  };
  await enter("Actions for “only keys”");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("Escape");
  await enter("Settings");
  await page.getByText("Signed in as").waitFor();
  for (const sheet of ["Default model", "About you", "Language", "Delete my data", "Log out everywhere"]) {
    await enter(sheet);
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused(page)).toContain(sheet);
  }
  await enter("Pool");
  await page.getByText("Machines online").waitFor();
  await reach("Copy the command");
  await enter("Chats");
  await page.getByRole("link", { name: "only keys" }).first().waitFor();
  await reach("only keys");
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Messages" }).getByText("You said: only keys").waitFor();
  await expect.poll(() => focused(page)).toBe("Message");
  await page.keyboard.type("typed at once");
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Messages" }).getByText("You said: typed at once").waitFor();
  await enter("What to do with: You said: typed at once");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect.poll(() => focused(page)).toBe("Search");
  await page.keyboard.type("keys");
  await page.locator("mark").first().waitFor();
  expect(app.complaints).toEqual([]);
});
