/** The Mini App in a real browser, inside the simulator: real server, routes, bot and pool; a scripted model. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "@starai/server/testing/database";
import { Gate, answers, calls, thinks } from "@starai/server/testing/scripted-thinking";
import type { Script } from "@starai/server/testing/scripted-thinking";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import { openBrowser } from "../src/open-browser.ts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { expectCalm, sidewaysPx, visit } from "./app-visit.ts";
import type { Visit, VisitOptions } from "./app-visit.ts";

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-app-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([openStagedStack({ home, database }), openBrowser()]);
  stack.script = (job) => (scripts.get(job.question) ?? echo)(job);
});
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** The model's answers by question; other questions are echoed. */
const scripts = new Map<string, Script>();
/** The echo of a question in its own script, as the step's grammar requires. */
const echoOf = (question: string) => `${/[а-яё]/iu.test(question) ? "Вы сказали" : "You said"}: ${question}`;
/** Echoes the question without the agent's reminders to the model. */
const echo: Script = ({ question }) => answers(echoOf(question.split("\n\n(", 1)[0] ?? ""));
let lastUser = 5_000;
const NOTE = `\n\n*${en["chat.may_be_wrong"]}*`;

/** A new person who has asked `question` in the chat and got its answer, with the app open on its list. */
async function arrive(question: string, options?: VisitOptions): Promise<Visit & { user: number }> {
  const user = ++lastUser;
  await stack.say(user, question);
  await expect.poll(() => botMessages(user), { timeout: 10_000 }).toContain(echoOf(question));
  const visited = await visit({ stack, browser }, user, options);
  await visited.open();
  return { ...visited, user };
}

/** As `arrive`, with the conversation of that question open. */
async function enter(question: string, options?: VisitOptions): Promise<Visit & { user: number }> {
  const visited = await arrive(question, options);
  await goTo(visited, question);
  return visited;
}

async function goTo(visited: Visit, question: string): Promise<void> {
  const { rows } = await stack.ctx.pg.query("select thread_id from messages where text = $1", [question]);
  await (await visited.frame()).evaluate(`location.hash = "#/chats/${String(rows[0]?.thread_id)}"`);
  await messageText(visited, `You said: ${question}`).waitFor();
}

/** A text among the messages, without texts that only screen readers get. */
function messageText({ app }: Visit, text: string): Locator {
  return app.getByRole("list", { name: "Messages" }).getByText(text);
}

async function botMessages(user: number): Promise<string[]> {
  const answer = await fetch(`${stack.url}sim/transcript?user=${user}`);
  const { messages } = (await answer.json()) as { messages: { from: string; text: string }[] };
  // A chat's first answer has a note that the model may be wrong.
  return messages.filter(({ from }) => from === "bot").map(({ text }) => text.replace(NOTE, ""));
}

/** An answer that waits after its first words until the gate opens. */
function halting(first: string, rest: string): { gate: Gate; script: Script } {
  const gate = new Gate();
  return {
    gate,
    script: async function* () {
      yield `{"thought":"","action":{"final_answer":"${first}`;
      await gate.opened;
      yield `${rest}"}}`;
    },
  };
}

describe("one conversation", () => {
  test("a conversation started in the chat continues in the app with thought, answer and steps, and in the chat", async () => {
    const thought = new Gate();
    scripts.set("and 17 times 23?", async function* ({ step }) {
      if (step > 0) return yield* answers("It is **391**.", "Now I know.");
      yield* thinks("I had better calculate.");
      await thought.opened;
      yield `","action":{"calculator":{"expression":"17*23"}}}`;
    });
    await using person = await enter("hello from the chat");
    await person.ask("and 17 times 23?");
    await person.app.getByText("I had better calculate.").waitFor();
    thought.open();
    await person.app.getByText("391", { exact: true }).waitFor();
    await person.app.getByRole("button", { name: /^2 steps · / }).click();
    await person.app.getByText('"17*23"').waitFor();
    await expect
      .poll(() => botMessages(person.user))
      .toEqual(expect.arrayContaining(["From the app:\nand 17 times 23?", "It is **391**."]));
    await expectCalm(person);
    expect(person.complaints).toEqual([]);
  });

  test("an answer started in the chat streams on in the app, and a second window shows what the first one writes", async () => {
    const { gate, script } = halting("Once upon", " a time.");
    scripts.set("tell a story", script);
    await using person = await enter("good evening");
    await using other = await visit({ stack, browser }, person.user);
    await other.open();
    await goTo(other, "good evening");
    await stack.say(person.user, "tell a story");
    for (const window of [person, other]) await messageText(window, "Once upon").waitFor();
    gate.open();
    for (const window of [person, other]) await messageText(window, "Once upon a time.").waitFor();
    await other.ask("from the second window");
    await messageText(person, "You said: from the second window").waitFor();
    expect(await person.app.getByText("from the second window", { exact: true }).count()).toBe(1);
  });

  test("Stop replaces Send and keeps the written part; Try again makes a second version, an edit a second branch", async () => {
    const { script } = halting("Never ending", " no");
    scripts.set("count for ever", script);
    await using person = await enter("hi");
    await person.ask("count for ever");
    await messageText(person, "Never ending").waitFor();
    await person.app.getByRole("button", { name: "Stop" }).click();
    await person.app.getByRole("button", { name: "Send" }).waitFor();
    expect(await messageText(person, "Never ending").isVisible()).toBe(true);
    // A stopped answer cannot be rated.
    const stopped = person.app.getByRole("listitem", { name: "Answer" }).last();
    expect(await stopped.getByRole("button", { name: /^(Good|Bad) answer$/ }).count()).toBe(0);

    scripts.set("count for ever", () => answers("One, two, three."));
    const answer = person.app.getByRole("listitem", { name: "Answer" }).last();
    await answer.getByRole("button", { name: "What to do with:" }).click();
    await person.app.getByRole("menuitem", { name: "Answer again" }).click();
    await messageText(person, "One, two, three.").waitFor();
    await person.app.getByText("2/2").waitFor();
    await person.app.getByRole("button", { name: "Previous version" }).click();
    await messageText(person, "Never ending").waitFor();

    const mine = person.app.getByRole("listitem", { name: "You" }).last();
    await mine.getByRole("button", { name: "What to do with:" }).click();
    await person.app.getByRole("menuitem", { name: "Edit" }).click();
    await person.ask("count to three");
    await messageText(person, "You said: count to three").waitFor();
    expect(await person.app.getByText("count for ever").count()).toBe(0);
    await person.app.getByRole("button", { name: "Previous version" }).first().click();
    await person.app.getByText("count for ever").waitFor();
  });

  test("a conversation is found by another form of its words, and renamed, exported and deleted by its menu", async () => {
    await using person = await arrive("расскажи о видеокартах");
    await stack.say(person.user, "/new");
    await stack.say(person.user, "a question about kettles");
    await person.app.getByRole("link", { name: "a question about kettles" }).waitFor();
    const search = person.app.getByRole("searchbox", { name: "Search" });
    await search.fill("видеокарты");
    await person.app.getByRole("link", { name: "a question about kettles" }).waitFor({ state: "detached" });
    expect(await person.app.getByRole("link", { name: "расскажи о видеокартах" }).count()).toBe(1);
    await search.fill("kettle");
    await person.app.getByRole("link", { name: "a question about kettles" }).waitFor();
    await search.fill("");
    await person.app.getByRole("button", { name: "Actions for “a question about kettles”" }).click();
    const download = person.page.waitForEvent("download");
    await person.app.getByRole("menuitem", { name: "Export as Markdown" }).click();
    expect((await download).suggestedFilename()).toMatch(/\.md$/);
    await person.app.getByRole("button", { name: "Actions for “a question about kettles”" }).click();
    await person.app.getByRole("menuitem", { name: "Delete" }).click();
    await person.app.getByRole("button", { name: "Delete", exact: true }).last().click();
    await person.app.getByRole("link", { name: "a question about kettles" }).waitFor({ state: "detached" });
  });
});

describe("faults and hostile answers", () => {
  test("a cut network loses nothing: the answer resumes, and a text written meanwhile is sent once", async () => {
    const { gate, script } = halting("Before the tunnel", ", after the tunnel.");
    scripts.set("a long one", script);
    await using person = await enter("on a train");
    await person.ask("a long one");
    await messageText(person, "Before the tunnel").waitFor();
    await person.context.setOffline(true);
    await person.app.getByText("No network", { exact: false }).first().waitFor();
    gate.open();
    await person.ask("written in the tunnel");
    await person.app.getByText("Waits for the network").waitFor();
    await person.context.setOffline(false);
    await messageText(person, "Before the tunnel, after the tunnel.").waitFor();
    await messageText(person, "You said: written in the tunnel").waitFor();
    expect(await person.app.getByText("written in the tunnel", { exact: true }).count()).toBe(1);
  });

  test("a restart of the server interrupts no answer", async () => {
    const { gate, script } = halting("Before the restart", ", after it.");
    scripts.set("through a restart", script);
    await using person = await enter("steady");
    await person.ask("through a restart");
    await messageText(person, "Before the restart").waitFor();
    await stack.restartServer();
    gate.open();
    await messageText(person, "Before the restart, after it.").waitFor({ timeout: 40_000 });
    expect(await botMessages(person.user)).not.toContain("Before the restart");
  });

  test("an app logged out elsewhere says so while streaming, and so does a deleted conversation", async () => {
    const { script } = halting("Streaming", " no");
    scripts.set("keep going", script);
    await using person = await enter("evening");
    await using other = await visit({ stack, browser }, person.user);
    await other.open();
    await person.ask("keep going");
    await messageText(person, "Streaming").waitFor();
    await other.app.getByRole("button", { name: "Actions for “evening”" }).click();
    await other.app.getByRole("menuitem", { name: "Delete" }).click();
    await other.app.getByRole("button", { name: "Delete", exact: true }).last().click();
    await person.app.getByText("This chat is gone").waitFor();
    await other.app.getByRole("link", { name: "Settings" }).click();
    await other.app.getByRole("button", { name: "Log out everywhere" }).click();
    await other.app.getByRole("button", { name: "Log out", exact: true }).click();
    for (const window of [person, other]) await window.app.getByText("You are signed out").waitFor();
    expect(await messageText(person, "Streaming").count()).toBe(0);
  });

  test("script in an answer or a tool's result does not run, and no picture is fetched without a tap", async () => {
    const hostile = `<script>alert(1)</script><img src="https://evil.example/x.png" onerror="alert(2)">\n\nHere: ![cat](https://evil.example/cat.png) [go](javascript:alert(3))`;
    scripts.set("be evil", ({ step }) =>
      step === 0
        ? calls(
            "calculator",
            { expression: "<img src=x onerror=alert(4)>" },
            "<b onclick=alert(5)>a thought of more words than a label has</b>",
          )
        : answers(hostile),
    );
    await using person = await enter("careful");
    person.page.on("dialog", (dialog) => person.complaints.push(`a dialog: ${dialog.message()}`));
    await person.ask("be evil");
    await person.app.getByRole("button", { name: /^2 steps/ }).click();
    await person.app.getByText("<b onclick=alert(5)>a thought of more words than a label has</b>").waitFor();
    const answer = person.app.getByRole("listitem", { name: "Answer" }).last();
    expect(await answer.locator("script, img, [onclick], [onerror], a[href^='javascript']").count()).toBe(0);
    await person.app.getByText("Load it from evil.example").waitFor();
    expect(person.complaints).toEqual([]);
  });
});

describe("for everybody", () => {
  test.each([
    { width: 360, height: 740, colorScheme: "light" as const },
    { width: 768, height: 900, colorScheme: "dark" as const },
  ])(
    "at $width px in $colorScheme every screen passes axe, and nothing scrolls sideways, with text of 200 % too",
    async (look) => {
      await using person = await enter(`a look ${look.width}`, look);
      const frame = await person.frame();
      const textSize = (percent: number) => frame.evaluate(`document.documentElement.style.fontSize = "${percent}%"`);
      const check = async () => {
        await expectCalm(person);
        await textSize(200);
        expect(await sidewaysPx(person)).toBe(0);
        await textSize(100);
      };
      await check();
      await person.page.getByRole("button", { name: "Back" }).click();
      await person.app.getByRole("link", { name: `a look ${look.width}` }).waitFor();
      await check();
      await person.app.getByRole("link", { name: "Pool" }).click();
      await person.app.getByText("Machines online").waitFor();
      await check();
      await person.app.getByRole("link", { name: "Settings" }).click();
      await person.app.getByText("Signed in as").waitFor();
      await check();
      await person.app.getByText("Default model").click();
      await person.app.getByRole("dialog").waitFor();
      await expectCalm(person);
    },
  );

  test("a person with a keyboard alone goes from the list into a conversation, asks, and comes back", async () => {
    await using person = await arrive("only keys", { width: 1_280, height: 800 });
    const press = async (...keys: string[]) => {
      for (const key of keys) await person.page.keyboard.press(key);
    };
    /** The focused element's text, or its tag when it has none; empty while the page itself is focused. */
    const focused = async () =>
      (await person.frame()).evaluate<string>(
        "document.activeElement === document.body ? '' : document.activeElement.textContent || document.activeElement.tagName",
      );
    await (await person.frame()).evaluate("document.body.focus()");
    for (let tabs = 0; tabs < 20 && !(await focused()).includes("only keys"); tabs++) await press("Tab");
    await press("Enter");
    await messageText(person, "You said: only keys").waitFor();
    for (let tabs = 0; tabs < 30 && (await focused()) !== "TEXTAREA"; tabs++) await press("Tab");
    await person.page.keyboard.type("two");
    await press("Shift+Enter");
    await person.page.keyboard.type("lines");
    await press("Enter");
    await messageText(person, "You said: two").waitFor();
    expect(await person.app.getByRole("textbox", { name: "Message" }).inputValue()).toBe("");
  });
});
