/** Managing chats in the Mini App, in a real browser: names, pins, the archive, links, ratings, code. */
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "@starai/server/testing/database";
import { Gate, answers } from "@starai/server/testing/scripted-thinking";
import type { Script } from "@starai/server/testing/scripted-thinking";
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { axeFindings, expectCalm, visit } from "./app-visit.ts";
import type { Visit, VisitOptions } from "./app-visit.ts";

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-chats-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([openStagedStack({ home, database, titles: true }), openBrowser()]);
  stack.script = (job) => {
    if (job.turns[0]?.startsWith("You write titles")) return name(job.question);
    return (scripts.get(job.question) ?? (({ question }) => answers(`You said: ${question}`)))(job);
  };
});
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** The model's answers by question; other questions are echoed. */
const scripts = new Map<string, Script>();
/** The model's name for a conversation with this first question. */
async function* name(question: string) {
  yield JSON.stringify({ title: question === "how do I boil an egg?" ? "Boiling eggs" : question.slice(0, 40) });
}

let lastUser = 6_000;

/** A new person with a chat for each of these questions, in this order, and the app open on its list. */
async function arrive(questions: string[], options?: VisitOptions): Promise<Visit & { user: number }> {
  const user = ++lastUser;
  for (const question of questions) {
    await stack.say(user, "/new");
    await stack.say(user, question);
    await expect.poll(() => answered(question), { timeout: 20_000 }).toBe(true);
  }
  const visited = await visit({ stack, browser }, user, options);
  await visited.open();
  return { ...visited, user };
}

async function answered(question: string): Promise<boolean> {
  const sql = "select 1 from messages q join runs r on r.message_id = q.id where q.text = $1 and r.status = 'answered'";
  return (await stack.ctx.pg.query(sql, [question])).rows.length > 0;
}

const actions = ({ app }: Visit, title: string) => app.getByRole("button", { name: `Actions for “${title}”` });
const row = ({ app }: Visit, title: string) => app.getByRole("link", { name: title });
const titles = ({ app }: Visit) => app.locator(".thread-row-title").allTextContents();
async function choose(person: Visit, title: string, item: string) {
  await actions(person, title).click();
  await person.app.getByRole("menuitem", { name: item }).click();
}
async function enter(person: Visit, title: string) {
  await row(person, title).click();
  await person.app.getByRole("list", { name: "Messages" }).waitFor();
}

describe("the list", () => {
  test("the list shows the model's name of a chat, and a name its person gives stays", async () => {
    await using person = await arrive(["how do I boil an egg?"]);
    await row(person, "Boiling eggs").waitFor();
    await choose(person, "Boiling eggs", "Rename");
    await person.app.getByRole("textbox", { name: "Name of the chat" }).fill("Breakfast");
    await person.app.getByRole("button", { name: "Save" }).click();
    await enter(person, "Breakfast");
    await person.ask("and a soft one?");
    await person.app.getByText("You said: and a soft one?").first().waitFor();
    await expect.poll(() => person.app.getByRole("heading", { level: 1 }).textContent()).toBe("Breakfast");
  });

  test("the list keeps a pinned chat on top and an archived one out; both can be undone", async () => {
    await using person = await arrive(["oldest chat", "middle chat", "newest chat"]);
    await choose(person, "oldest chat", "Pin");
    await person.app.getByRole("heading", { name: "Pinned" }).waitFor();
    await expect.poll(() => titles(person)).toEqual(["oldest chat", "newest chat", "middle chat"]);
    await choose(person, "oldest chat", "Unpin");
    await expect.poll(() => titles(person)).toEqual(["newest chat", "middle chat", "oldest chat"]);

    await choose(person, "middle chat", "Archive");
    await expect.poll(() => titles(person)).toEqual(["newest chat", "oldest chat"]);
    await person.app.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => titles(person)).toEqual(["newest chat", "middle chat", "oldest chat"]);

    await choose(person, "middle chat", "Archive");
    await expect.poll(() => titles(person)).toEqual(["newest chat", "oldest chat"]);
    await person.app.getByRole("button", { name: "More", exact: true }).click();
    await person.app.getByRole("menuitem", { name: "Archived chats" }).click();
    await person.app.getByRole("heading", { name: "Archived chats" }).waitFor();
    await expect.poll(() => titles(person)).toEqual(["middle chat"]);
    await choose(person, "middle chat", "Back to the list");
    await person.app.getByText("Nothing is archived").waitFor();
    await person.app.getByRole("button", { name: "All chats" }).click();
    await expect.poll(() => titles(person)).toEqual(["newest chat", "middle chat", "oldest chat"]);
  });

  test("several chats are selected and deleted together; the others stay", async () => {
    await using person = await arrive(["keep this", "drop one", "drop two"]);
    await person.app.getByRole("button", { name: "More", exact: true }).click();
    await person.app.getByRole("menuitem", { name: "Select chats" }).click();
    for (const title of ["drop one", "drop two"]) await person.app.getByRole("checkbox", { name: title }).check();
    await person.app.getByText("2 selected").waitFor();
    await person.app.getByRole("button", { name: "Delete" }).click();
    await person.app.getByRole("dialog", { name: "Delete 2 chats?" }).getByRole("button", { name: "Delete" }).click();
    await person.app.getByText("2 chats are deleted.").waitFor();
    await expect.poll(() => titles(person)).toEqual(["keep this"]);
    expect(await person.app.getByRole("checkbox").count()).toBe(0);
  });
});

test("a menu stays whole inside the window, at 200 % text too", async () => {
  await using person = await arrive(["a chat with a menu"]);
  await row(person, "a chat with a menu").waitFor();
  await person.app.locator("html").evaluate((html) => (html.style.fontSize = "200%"));
  await actions(person, "a chat with a menu").click();
  const room = await person.app.getByRole("dialog").evaluate((menu) => {
    const { left, top, right, bottom } = menu.getBoundingClientRect();
    const sides = [left, top, innerWidth - right, innerHeight - bottom].map(Math.floor);
    return { sides, wide: menu.scrollWidth - menu.clientWidth };
  });
  expect(room.wide).toBe(0);
  for (const side of room.sides) expect(side).toBeGreaterThanOrEqual(7);
});

describe("one chat", () => {
  test("a chat shows its model and persona", async () => {
    await using person = await arrive(["who are you?"]);
    await enter(person, "who are you?");
    const header = person.app.getByRole("banner");
    await header.getByText("Qwen2.5 Coder 1.5B", { exact: false }).waitFor();
    await choose(person, "who are you?", "Persona");
    await person.app.getByRole("button", { name: "Teacher" }).click();
    await person.app.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => header.locator(".screen-detail").textContent()).toMatch(/ · Teacher$/);
    await expectCalm(person);
  });

  test("a chat shows a cursor while an answer is written, and no button that looks like typing", async () => {
    const gate = new Gate();
    scripts.set("go on", async function* () {
      yield `{"thought":"","action":{"final_answer":"Once upon`;
      await gate.opened;
      yield ` a time."}}`;
    });
    await using person = await arrive(["stories"]);
    await enter(person, "stories");
    await person.ask("go on");
    const answer = person.app.getByRole("listitem", { name: "Answer" }).last();
    await answer.getByText("Once upon").waitFor();
    const cursor = async () =>
      (await person.frame()).evaluate<string>(
        `getComputedStyle(document.querySelector(".answer:last-child .answer-text > p:last-child"), "::after").display`,
      );
    expect(await cursor()).toBe("inline-block");
    expect(await answer.getByRole("button", { name: "What to do with:" }).count()).toBe(0);
    gate.open();
    await answer.getByRole("button", { name: "What to do with:" }).waitFor();
    expect(await cursor()).not.toBe("inline-block");
  });

  test("an answer is rated; the rating is there after a reload and can be undone", async () => {
    await using person = await arrive(["judge me"]);
    await enter(person, "judge me");
    const good = person.app.getByRole("button", { name: "Good answer" });
    const bad = person.app.getByRole("button", { name: "Bad answer" });
    await good.click();
    await expect.poll(() => good.getAttribute("aria-pressed")).toBe("true");
    await bad.click();
    await expect.poll(() => good.getAttribute("aria-pressed")).toBe("false");
    const { rows } = await stack.ctx.pg.query(
      "select feedback from runs r join messages q on q.id = r.message_id where q.text = 'judge me'",
    );
    expect(rows).toEqual([{ feedback: "down" }]);
    await (await person.frame()).evaluate("location.reload()");
    await expect.poll(() => bad.getAttribute("aria-pressed")).toBe("true");
    await bad.click();
    await expect.poll(() => bad.getAttribute("aria-pressed")).toBe("false");
    await expectCalm(person);
  });

  test.each(["light", "dark"] as const)(
    "code is coloured, wrapped and saved as a file, in the %s theme",
    async (colorScheme) => {
      const code = `# ${"a long remark ".repeat(20)}\ndef double(n):\n    return n * 2`;
      const question = `a function, ${colorScheme}`;
      scripts.set(question, () => answers(`Here:\n\n\`\`\`python\n${code}\n\`\`\`\n\n\`\`\`mermaid\ngraph TD\n\`\`\``));
      await using person = await arrive([question], { colorScheme });
      await enter(person, question);
      const block = person.app.locator(".code-block").first();
      await block.locator(".hljs-keyword", { hasText: "return" }).waitFor();
      expect(await block.locator("pre").textContent()).toBe(code);
      expect(await person.app.locator(".code-block").last().locator("[class^=hljs]").count()).toBe(0);
      await expectCalm(person);
      const width = () => block.locator("pre").evaluate((pre) => pre.scrollWidth - pre.clientWidth);
      expect(await width()).toBeGreaterThan(0);
      await block.getByRole("button", { name: "Wrap long lines" }).click();
      expect(await width()).toBe(0);
      const download = person.page.waitForEvent("download");
      await block.getByRole("button", { name: "Save as a file" }).click();
      const file = await download;
      expect(file.suggestedFilename()).toBe("code.py");
      expect(await readFile(await file.path(), "utf8")).toBe(code);
      expect(person.complaints).toEqual([]);
    },
  );
});

describe("shared by a link", () => {
  test.each(["light", "dark"] as const)(
    "anybody can read a shared chat in the %s theme until sharing ends",
    async (colorScheme) => {
      const question = `two days in Rome, ${colorScheme}`;
      scripts.set(question, () => answers("**Day one**: walk.\n\n```js\nconst day = 2;\n```"));
      await using person = await arrive([question], { colorScheme });
      await choose(person, question, "Share by a link");
      await person.app.getByRole("button", { name: "Make a link" }).click();
      const link = await person.app.getByRole("textbox", { name: "Link" }).inputValue();
      expect(link).toMatch(/\/app\/shared\.html#[0-9a-f-]{36}$/);
      await expectCalm(person);

      // A browser without any data of Telegram or this person.
      const context = await browser.newContext({ colorScheme, locale: "en-US", viewport: { width: 390, height: 780 } });
      const page = await context.newPage();
      const loaded = await page.goto(link);
      expect(loaded?.headers()["x-robots-tag"]).toBe("noindex");
      await page.getByRole("heading", { name: question }).waitFor();
      await page.getByText("Day one", { exact: true }).waitFor();
      await page.locator(".hljs-keyword", { hasText: "const" }).waitFor();
      expect(await page.getByRole("textbox").count()).toBe(0);
      expect(await page.locator("body").innerText()).not.toContain(`User ${person.user}`);
      expect(await axeFindings(page)).toEqual([]);

      await person.app.getByRole("button", { name: "End sharing" }).click();
      await person.app.getByRole("button", { name: "Make a link" }).waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Nothing is shared here" }).waitFor();
      expect(await axeFindings(page)).toEqual([]);
      await context.close();
    },
  );
});

describe("for all chats", () => {
  test.each(["light", "dark"] as const)(
    "the profile is entered once and all data can be exported, in the %s theme",
    async (colorScheme) => {
      await using person = await arrive([`hello, ${colorScheme}`], { colorScheme });
      await person.app.getByRole("link", { name: "Settings" }).click();
      await person.app.getByRole("button", { name: /^About you/ }).click();
      await person.app.getByRole("textbox", { name: "What answers should know of you" }).fill("I am a nurse.");
      await person.app.getByRole("button", { name: "Teacher" }).click();
      await expectCalm(person);
      await person.app.getByRole("button", { name: "Save" }).click();
      await person.app.getByRole("button", { name: /^About you.*Set/ }).waitFor();
      const download = person.page.waitForEvent("download");
      await person.app.getByRole("button", { name: "Everything as JSON" }).click();
      const exported = JSON.parse(await readFile(await (await download).path(), "utf8")) as object;
      expect(exported).toMatchObject({ complete: true, person: { about: "I am a nurse.", persona: "teacher" } });

      await person.app.getByRole("link", { name: "Chats" }).click();
      await person.app.getByRole("button", { name: "New chat" }).click();
      await person.app
        .getByRole("banner")
        .getByText(/ · Teacher$/)
        .waitFor();
      await person.ask("why?");
      await person.app.getByText("<about>I am a nurse.</about>", { exact: false }).first().waitFor();
      expect(person.complaints).toEqual([]);
    },
  );
});
