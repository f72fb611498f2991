/** The Mini App's shell in a real browser, when parts, the network, the server or the browser's storage fail. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeFindings } from "./app-visit.ts";
import FAULTS from "./launch-faults.json" with { type: "json" };
import { heading, openShellStack, tab } from "./shell-stack.ts";
import type { ShellStack } from "./shell-stack.ts";

let shell: ShellStack;
beforeAll(async () => {
  shell = await openShellStack();
});
afterAll(() => shell[Symbol.asyncDispose]());

const codeLink = (page: Page) => page.getByRole("button", { name: "The code and its licence" });

/** Makes requests for a part's files fail until `broken` is reset. */
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

const failed = (page: Page) => page.getByRole("button", { name: "Try again" });

describe("a part that cannot be loaded", () => {
  test("a part that cannot load offline affects its own screen only, and loads when the network is back", async () => {
    const settings = breakPart("SettingsRoute", "abort");
    await using app = await shell.open({ question: "metro", before: settings.install });
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

  test("the screens' parts are prefetched when idle, so they work when the network goes", async () => {
    await using app = await shell.open({ question: "tunnel" });
    const fetched = `performance.getEntriesByType("resource").some(({ name }) => name.includes("PoolScreen-"))`;
    await expect.poll(() => app.page.evaluate(fetched), { timeout: 15_000 }).toBe(true);
    await app.context.setOffline(true);
    await tab(app.page, "Pool").click();
    await heading(app.page, "Pool").waitFor();
    await app.page.getByText("No network").first().waitFor();
    await app.context.setOffline(false);
    await app.page.getByText("Machines online").waitFor();
  });

  test("a part replaced by a deployment reloads the page once, at the same place", async () => {
    const settings = breakPart("SettingsRoute", 404);
    await using app = await shell.open({ question: "deployed", before: settings.install });
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

  test("a part that is gone for good is reported, the other screens work, and the page never reloads in a loop", async () => {
    const settings = breakPart("SettingsRoute", 404);
    await using app = await shell.open({ question: "gone", before: settings.install });
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

  test("a part that fails with a server error is reported without a reload, and loads with one tap", async () => {
    const settings = breakPart("SettingsRoute", 500);
    await using app = await shell.open({ question: "five hundred", before: settings.install });
    let starts = 0;
    app.page.on("load", () => (starts += 1));
    await tab(app.page, "Settings").click();
    await app.page.getByRole("heading", { name: "That did not work" }).waitFor();
    settings.state.broken = false;
    await failed(app.page).click();
    await app.page.getByText("Signed in as").waitFor();
    expect(starts).toBe(0);
  });

  test("a chat's missing part leaves the answer as plain text; its menu says so and does not open", async () => {
    const markdown = breakPart("Markdown", 500);
    const menu = breakPart("ThreadActions", 500);
    await using app = await shell.open({
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
      // If it is open by now, it covers its button.
      await app.page
        .getByRole("button", { name: /^Actions for/ })
        .click({ timeout: 1_000 })
        .catch(() => undefined);
      return false;
    };
    await expect.poll(opened, { timeout: 15_000 }).toBe(true);
  });

  test("the settings link to the source code if the operator has set its address, and to none otherwise", async () => {
    await using without = await shell.open({ question: "no code" });
    await tab(without.page, "Settings").click();
    await without.page.getByText("Version", { exact: true }).waitFor();
    expect(await codeLink(without.page).count()).toBe(0);

    const code = "https://git.example/people/starai";
    await using app = await shell.open({
      question: "some code",
      before: async (context) => {
        await context.route("**/api/about", (route) => route.fulfill({ json: { bot: "starai_bot", code } }));
        await context.route(`${code}*`, (route) => route.fulfill({ body: "the code" }));
      },
    });
    await tab(app.page, "Settings").click();
    const [opened] = await Promise.all([app.context.waitForEvent("page"), codeLink(app.page).click()]);
    expect(opened.url()).toBe(code);
  });

  test("a screen whose data cannot be loaded says so, and loads with one tap", async () => {
    let broken = true;
    await using app = await shell.open({
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

/** Makes the server's page name another version from now on. */
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
    "a launch opens the person's chats: $id $kind, $name",
    async ({ script, launch }) => {
      await using app = await shell.open({ question: "still mine", script, launch });
      await app.page.getByRole("link", { name: "still mine" }).first().click();
      const field = app.page.getByRole("textbox", { name: "Message" });
      await field.fill("and on");
      await field.press("Enter");
      await app.page.getByRole("list", { name: "Messages" }).getByText("You said: and on").waitFor();
      expect(app.complaints).toEqual([]);
    },
  );

  test("an unsigned launch opens nobody's chats, whatever its theme", async () => {
    await using context = await shell.browser.newContext();
    const page = await context.newPage();
    await page.goto(await shell.launchUrl({ tgWebAppData: null }));
    await page.getByText("An AI agent in Telegram").waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
  });
});

describe("without a network or a server", () => {
  test("without a network the banner is visible at the end of a long chat, and unavailable actions say so", async () => {
    await using app = await shell.open({ question: "long\n".repeat(80) });
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

  test("a server that is down is reported at the field, and the written text is sent when it is back", async () => {
    await using app = await shell.open({ question: "is it there" });
    await app.page.getByRole("link", { name: "is it there" }).first().click();
    const field = app.page.getByRole("textbox", { name: "Message" });
    await field.waitFor();
    await shell.stack.restartServer(async () => {
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
