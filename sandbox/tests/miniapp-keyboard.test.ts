/** The Mini App by keyboard and in a wide window, in a real browser: the focus, and every screen without a pointer. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeFindings } from "./app-visit.ts";
import { heading, openShellStack, tab } from "./shell-stack.ts";
import type { ShellStack } from "./shell-stack.ts";

let shell: ShellStack;
beforeAll(async () => {
  shell = await openShellStack();
});
afterAll(() => shell[Symbol.asyncDispose]());

/** The focused element: its name, or its tag. */
const focused = (page: Page) =>
  page.evaluate<string>(
    "((e) => e === document.body ? '' : e.getAttribute('aria-label') || (e.matches('textarea, input') ? e.tagName : e.textContent))(document.activeElement)",
  );

describe("the focus", () => {
  test("the focus returns after a menu, sheet or edit; it is on a new screen's heading, and going back on the row", async () => {
    await using app = await shell.open({ question: "where am I" });
    const { page } = app;
    await page.getByRole("button", { name: "Actions for “where am I”" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
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
    await page.getByRole("menu").waitFor({ state: "detached" });
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

  test("a menu can be reopened in the moment it closes", async () => {
    await using app = await shell.open({ question: "again at once" });
    const { page } = app;
    await page.getByRole("button", { name: "Actions for “again at once”" }).click();
    await page.getByRole("menu").waitFor();
    // Escape, React's synchronous reaction, and the next key before the browser does anything else.
    await page.evaluate(`(async () => {
      document.querySelector("dialog.menu").dispatchEvent(new Event("cancel", { cancelable: true }));
      while (document.querySelector("dialog.menu")) await Promise.resolve();
      document.querySelector("[aria-label='Actions for “again at once”']").click();
    })()`);
    await page.getByRole("menu").waitFor();
    // The page's pending work is done, and the menu is still open.
    await page.evaluate("new Promise((done) => setTimeout(done, 100))");
    expect(await page.getByRole("menu").isVisible()).toBe(true);
  });

  test("shortcuts focus the search, a new chat and the field, past the messages; a dialog keeps its own keys", async () => {
    await using app = await shell.open({ question: "by keys" });
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
  test("a wide window shows the list beside the chat; a narrow one shows one of them", async () => {
    await using app = await shell.open({ question: "side by side", width: 1_280, height: 800 });
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

/** Actions without a pointer: Tab (arrows in a menu) to the element with this name, and Enter. */
function keysOf(page: Page) {
  const reach = async (name: string, key = "Tab") => {
    for (let presses = 0; presses < 60; presses++) {
      if ((await focused(page)).includes(name)) return;
      await page.keyboard.press(key);
    }
    throw new Error(`${key} does not reach “${name}”; the focus is at “${await focused(page)}”`);
  };
  const enter = async (name: string) => {
    await reach(name);
    await page.keyboard.press("Enter");
  };
  const choose = async (menu: string, item: string) => {
    await enter(menu);
    await page.getByRole("menu").waitFor();
    await reach(item, "ArrowDown");
    await page.keyboard.press("Enter");
  };
  const leaveDialog = async () => {
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  return { reach, enter, choose, leaveDialog };
}

test.each([390, 1_280])("a keyboard alone goes through every screen and back at %i px", async (width) => {
  await using app = await shell.open({ question: "only keys", width });
  const { page } = app;
  const { reach, enter, leaveDialog } = keysOf(page);
  await enter("Actions for “only keys”");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("Escape");
  await enter("Settings");
  await page.getByText("Signed in as").waitFor();
  for (const sheet of ["Default model", "About you", "Language", "Delete my data", "Log out everywhere"]) {
    await enter(sheet);
    await page.getByRole("dialog").waitFor();
    await leaveDialog();
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

test("a keyboard alone opens every sheet of a chat, the archive and a selection, and the page of a shared chat", async () => {
  await using app = await shell.open({ question: "sheets by keys" });
  const { page } = app;
  const { enter, choose, leaveDialog } = keysOf(page);
  const menu = "Actions for “sheets by keys”";
  for (const sheet of ["Rename", "Model", "Persona", "Delete"]) {
    await choose(menu, sheet);
    await page.getByRole("dialog").waitFor();
    await leaveDialog();
    await expect.poll(() => focused(page)).toBe(menu);
  }
  await choose("More", "Archived chats");
  await page.getByText("Nothing is archived").waitFor();
  await enter("All chats");
  await page.getByRole("link", { name: "sheets by keys" }).first().waitFor();
  await choose("More", "Select chats");
  await page.getByText("0 selected").waitFor();
  await enter("All");
  await page.getByText("1 selected").waitFor();
  await enter("Delete");
  await page.getByRole("dialog", { name: "Delete 1 chat?" }).waitFor();
  await leaveDialog();
  await enter("Cancel");

  await choose(menu, "Share by a link");
  await enter("Make a link");
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  await leaveDialog();
  const shared = await app.context.newPage();
  await shared.goto(link);
  await shared.getByRole("heading", { name: "sheets by keys" }).waitFor();
  await keysOf(shared).reach("Ask StarAI yourself");
  expect(app.complaints).toEqual([]);
});
