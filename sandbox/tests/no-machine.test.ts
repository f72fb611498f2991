/** A question for a model that no machine has, as its person sees it in the chat and in the Mini App: real server, bot, pool and browser. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { createTestDatabase } from "@starai/server/testing/database";
import { answers } from "@starai/server/testing/scripted-thinking";
import { openBrowser } from "../src/open-browser.ts";
import { PlayedWorker } from "../src/played-worker.ts";
import { LAVISH } from "@starai/server/testing/lavish";
import { openStagedStack } from "../src/staged-stack.ts";
import type { StagedStack } from "../src/staged-stack.ts";
import { visit } from "./app-visit.ts";
import type { Visit } from "./app-visit.ts";

const ABSENT = { id: "qwen2.5-14b-instruct", name: "Qwen2.5 14B Instruct" };
const waits = (model: string, end: string) =>
  `No machine with ${model} is online. Waiting 2 min at most for one; ${end} ends it.`;

let stack: StagedStack;
let browser: Browser;
let home: string;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let lastUser = 9_000;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-no-machine-"));
  await chmod(home, 0o755);
  database = await createTestDatabase();
  [stack, browser] = await Promise.all([openStagedStack({ home, database, money: LAVISH }), openBrowser()]);
});
/** Whatever a test left behind: the next one begins with the machine there. */
afterEach(async () => {
  if (stack.ctx.registry.size === 0) await stack.setOnline(true);
});
afterAll(async () => {
  await browser.close();
  await stack[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

interface Chat {
  messages: { from: string; text: string }[];
  draft: { text: string } | null;
}

/** The bot's chat as its person sees it. */
async function chatOf(user: number, at = stack): Promise<Chat> {
  const answer = await fetch(`${at.url}sim/transcript?user=${user}`);
  return (await answer.json()) as Chat;
}

const botSaid = async (user: number, at = stack) =>
  (await chatOf(user, at)).messages.flatMap(({ from, text }) => (from === "bot" ? [text] : [])).join("\n");

/** The model's machine leaves, as everybody can see. */
async function machineLeaves(): Promise<void> {
  await stack.setOnline(false);
  await expect.poll(() => stack.ctx.registry.size).toBe(0);
}

/** A person with one answered question in the chat, and that conversation open in the app. */
async function enter(question: string, at = stack): Promise<Visit & { user: number }> {
  const user = ++lastUser;
  await at.say(user, question);
  await expect.poll(() => botSaid(user, at), { timeout: 15_000 }).toContain(`You said: ${question}`);
  const visited = await visit({ stack: at, browser }, user);
  await visited.open();
  await visited.app.getByRole("link", { name: question }).click();
  await said(visited, `You said: ${question}`).waitFor();
  return { ...visited, user };
}

/** A text among the messages; what is only said to a screen reader is left out. */
const said = ({ app }: Visit, text: string) => app.getByRole("list", { name: "Messages" }).getByText(text);

/** Chooses the model that no machine has, for this chat. */
async function chooseAbsent({ app }: Visit): Promise<void> {
  await app
    .getByRole("button", { name: /^Actions for/ })
    .first()
    .click();
  await app.getByRole("menuitem", { name: "Model" }).click();
  const sheet = app.getByRole("dialog");
  await sheet.getByText("A question for one of these waits 2 min at most for a machine").waitFor();
  await sheet.getByRole("button", { name: ABSENT.name }).click();
  await app.getByText(`${ABSENT.name} answers from now on.`).waitFor();
}

test("asked in the chat the moment the last machine left, it says so instead of a place in a queue, and is answered when one comes", async () => {
  const user = ++lastUser;
  await machineLeaves();
  await stack.say(user, "anybody there?");
  await expect
    .poll(async () => (await chatOf(user)).draft?.text, { timeout: 15_000 })
    .toContain(waits("Qwen2.5 Coder 1.5B", "/stop"));
  await stack.setOnline(true);
  await expect.poll(() => botSaid(user), { timeout: 15_000 }).toContain("You said: anybody there?");
});

test("asked in the app the moment the last machine left, it says so instead of a place in a queue, and is answered when one comes", async () => {
  await using person = await enter("before it left");
  await machineLeaves();
  await person.ask("after it left");
  await person.app.getByText(waits("Qwen2.5 Coder 1.5B", "Stop")).waitFor();
  expect(await person.app.getByText("In the queue").count()).toBe(0);
  await stack.setOnline(true);
  await said(person, "You said: after it left").waitFor();
});

test("a model chosen while no machine has it keeps what its sheet promises: the question waits, by the model's name, and a machine with it answers", async () => {
  await using person = await enter("a larger one, please");
  await chooseAbsent(person);
  await person.ask("are you large?");
  await person.app.getByText(waits(ABSENT.name, "Stop")).waitFor();
  const sha256 = loadCatalogue().get(ABSENT.id)?.sha256 ?? "";
  const large = new PlayedWorker({ id: ABSENT.id, sha256 }, () => answers("Very large."));
  await large.join(new URL(stack.url).origin);
  try {
    await said(person, "Very large.").waitFor();
    expect(person.complaints).toEqual([]);
  } finally {
    await large.leave();
  }
});

test("a question that waits for a machine is ended by Stop, and the next one goes to the model then chosen", async () => {
  await using person = await enter("not that one");
  await chooseAbsent(person);
  await person.ask("never mind");
  await person.app.getByText(waits(ABSENT.name, "Stop")).waitFor();
  await person.app.getByRole("button", { name: "Stop" }).click();
  await person.app.getByRole("button", { name: "Send" }).waitFor();
  await person.app
    .getByRole("button", { name: /^Actions for/ })
    .first()
    .click();
  await person.app.getByRole("menuitem", { name: "Model" }).click();
  await person.app.getByRole("dialog").getByRole("button", { name: "Qwen2.5 Coder 1.5B" }).last().click();
  await person.app.getByText("Qwen2.5 Coder 1.5B answers from now on.").waitFor();
  await person.ask("and you?");
  await said(person, "You said: and you?").waitFor();
  expect(person.complaints).toEqual([]);
});

test("the Pool tab and the choice of models promise the same wait while no machine is online", async () => {
  await using person = await enter("how is the pool?");
  await machineLeaves();
  await person.page.getByRole("button", { name: "Back" }).click();
  await person.app.getByRole("link", { name: "Pool", exact: true }).click();
  await person.app.getByText("A question waits 2 min at most until one joins.").waitFor();
  await person.app.getByRole("link", { name: "Settings", exact: true }).click();
  await person.app.getByText("Default model").click();
  await person.app.getByText("You can still choose: a question waits 2 min at most").waitFor();
  expect(person.complaints).toEqual([]);
});

test("a question for which no machine came says what to do in the chat and in the app, and Continue asks again", async () => {
  const folder = path.join(home, "impatient");
  await using records = await createTestDatabase();
  await using impatient = await openStagedStack({ home: folder, database: records, machineWaitMs: 0, money: LAVISH });
  await using person = await enter("in vain", impatient);
  await chooseAbsent(person);
  await impatient.say(person.user, "anybody large?");
  const told = "No machine with this model came online. Continue asks again; a model that is online answers at once.";
  await expect.poll(() => botSaid(person.user, impatient), { timeout: 15_000 }).toContain(told);
  await person.app.getByText(told).waitFor();
  const sha256 = loadCatalogue().get(ABSENT.id)?.sha256 ?? "";
  const large = new PlayedWorker({ id: ABSENT.id, sha256 }, () => answers("Here at last."));
  await large.join(new URL(impatient.url).origin);
  try {
    await person.app.getByRole("button", { name: "Continue" }).click();
    await said(person, "Here at last.").waitFor();
  } finally {
    await large.leave();
  }
});
