/** /keys and /caps as people see them: real bot, routes, database and Bot API. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KEYS_MAX } from "@starai/protocol/money";
import { openBotStack } from "./bot-stack.ts";

let stack: Awaited<ReturnType<typeof openBotStack>>;
beforeAll(async () => {
  stack = await openBotStack();
});
afterAll(() => stack[Symbol.asyncDispose]());

let people = 40;

/** A new person who has asked something. */
async function meet(language = "en"): Promise<number> {
  const user = ++people;
  await stack.say(user, "hello", { language });
  await stack.until(user, (all) => all.length === 2);
  return user;
}

const last = async (user: number) => (await stack.transcript(user)).at(-1)!;
const untilLast = async (user: number, words: string) =>
  (await stack.until(user, (all) => all.at(-1)?.text.includes(words) === true)).at(-1)!;
const labels = (message: { buttons: readonly (readonly { text: string }[])[] }) =>
  message.buttons.flat().map(({ text }) => text);
const tap = (user: number, message: number, button: string) => stack.post("tap", { user, message, button });
const keysOf = async (user: number) =>
  (
    await stack.ctx.pg.query<{ name: string; active: boolean }>(
      `select k.name, revoked_at is null as active from api_keys k join people p on p.id = k.owner
       where telegram_id = $1 order by k.created_at`,
      [user],
    )
  ).rows;
const capsOf = async (user: number) =>
  (
    await stack.ctx.pg.query(
      `select answer, day from spending_caps c join people p on c.owner = 'person:' || p.id where telegram_id = $1`,
      [user],
    )
  ).rows;
const shownKeys = async (user: number) =>
  (await stack.transcript(user)).flatMap(({ text }) => /sk-starai-[\w-]{43}/.exec(text)?.[0] ?? []);

/** Polls as patiently as the simulator waits. */
const soon = <Value>(read: () => Value) => expect.poll(read, { timeout: 10_000 });

/** The same message in another update, as after a crash between what it did and its mark. */
function sendAgain(user: number, message: { message_id: number; text: string }) {
  const from = stack.upsertPerson(user);
  const chat = { id: user, type: "private" as const, first_name: from.first_name };
  const entities = [{ type: "bot_command" as const, offset: 0, length: "/keys".length }];
  stack.simulator.telegram.updates.push("message", { ...message, date: 1, chat, from, entities });
}

async function openList(user: number) {
  await stack.say(user, "/keys");
  return untilLast(user, "API keys");
}

describe("/keys", () => {
  test("makes a key that is shown once, behind a spoiler, copied by a button and hidden by another", async () => {
    const user = await meet();
    const list = await openList(user);
    expect(list.text).toContain("You have no keys yet.");
    expect(labels(list)).toEqual(["New key"]);
    await tap(user, list.id, "New key");
    const shown = await untilLast(user, "Your new key");
    const [key = ""] = await shownKeys(user);
    expect(shown.text).toContain("for at most $5 a day");
    expect(shown.entities).toContainEqual(expect.objectContaining({ type: "spoiler", length: key.length }));
    expect(shown.buttons.flat()[0]).toEqual({ text: "Copy the key", copy_text: { text: key } });
    expect(await stack.ctx.apiKeys.verify(key)).toMatchObject({ name: expect.stringMatching(/^Key of /) });

    await stack.until(user, (all) => all.some(({ text }) => text.includes("0 ¢ of $5 today, made on")));
    await tap(user, shown.id, "Hide it");
    await untilLast(user, "The key is hidden");
    expect(await shownKeys(user)).toEqual([]);
    expect((await openList(user)).text).not.toContain("sk-starai-");
  });

  test("a button tapped twice, and once more, makes one key; the new list's button makes another", async () => {
    const user = await meet();
    const list = await openList(user);
    const [button] = list.buttons.flat();
    const data = button !== undefined && "callback_data" in button ? button.callback_data : "";
    const press = () => stack.post("tap", { user, message: list.id, data });
    await Promise.all([press(), press()]);
    await press();
    await soon(() => stack.tapAnswers().filter((text) => text?.startsWith("This key was made"))).toHaveLength(2);
    expect(await keysOf(user)).toHaveLength(1);
    expect(await shownKeys(user)).toHaveLength(1);
    await stack.until(user, (all) => all.some(({ text }) => text.includes("0 ¢ of $5 today")));
    await tap(user, list.id, "New key");
    await soon(() => keysOf(user)).toHaveLength(2);
  });

  test("with a name makes a key of that name, once however often the update comes", async () => {
    const user = await meet();
    const message = await stack.say(user, "/keys my <b>script</b>");
    const shown = await untilLast(user, "Your new key my <b>script</b>");
    expect(shown.text).toContain("sk-starai-");
    sendAgain(user, { message_id: message, text: "/keys my <b>script</b>" });
    await untilLast(user, "This key was made already");
    expect(await keysOf(user)).toEqual([{ name: "my <b>script</b>", active: true }]);
    await stack.say(user, `/keys ${"x".repeat(61)}`);
    await untilLast(user, "at most 60 characters");
    await stack.say(user, "/keys two\nlines");
    await untilLast(user, "at most 60 characters. No key was made.");
    expect(await keysOf(user)).toHaveLength(1);
  });

  test("revokes after a question; keeping it, or a stranger's tap, changes nothing", async () => {
    const user = await meet();
    await stack.say(user, "/keys laptop");
    await untilLast(user, "Your new key");
    const [key = ""] = await shownKeys(user);
    const list = await openList(user);
    expect(labels(list)).toEqual(["New key", "Revoke laptop"]);
    const at = (words: string) =>
      stack.until(user, (all) => all.some(({ id, text }) => id === list.id && text.includes(words)));
    await tap(user, list.id, "Revoke laptop");
    await at("Revoke the key laptop?");
    await tap(user, list.id, "Keep it");
    await at("laptop: 0 ¢ of $5 today");
    await tap(user, list.id, "Revoke laptop");
    await at("Revoke the key laptop?");

    const ask = (await stack.transcript(user)).find(({ id }) => id === list.id)!.buttons.flat()[0];
    const data = ask !== undefined && "callback_data" in ask ? ask.callback_data : "";
    const stranger = await meet();
    const answers = stack.tapAnswers().length;
    stack.press(stranger, data);
    await soon(() => stack.tapAnswers().length).toBe(answers + 1);
    expect(stack.tapAnswers().at(-1)).toContain("not there any more");
    expect(await stack.ctx.apiKeys.verify(key)).not.toBeNull();

    const press = () => stack.post("tap", { user, message: list.id, data });
    await Promise.all([press(), press()]);
    await at("You have no keys yet.");
    expect(await stack.ctx.apiKeys.verify(key)).toBeNull();
    expect(await keysOf(user)).toEqual([{ name: "laptop", active: false }]);
  });

  test("lists as many as one may have, then offers no new one; a tap of an older list makes none", async () => {
    const user = await meet();
    const empty = await openList(user);
    await stack.ctx.pg.query(
      `insert into api_keys (hash, name, owner) select md5(random()::text), repeat('W', 60), id
       from people, generate_series(1, ${KEYS_MAX}) where telegram_id = $1`,
      [user],
    );
    await tap(user, empty.id, "New key");
    await soon(() => stack.tapAnswers().at(-1)).toContain("as many keys as one person may have");
    const full = await openList(user);
    expect(labels(full)).toHaveLength(KEYS_MAX);
    expect(labels(full)).not.toContain("New key");
    expect(full.text.length).toBeLessThan(4_096);
  });

  test("speaks Russian, and in a group says where to ask", async () => {
    const user = await meet("ru");
    await stack.say(user, "/keys");
    expect(labels(await untilLast(user, "Ключей пока нет."))).toEqual(["Новый ключ"]);
    await stack.say(user, "/keys@starai_bot", { chat: -100 });
    await stack.until(-100, (all) => all.at(-1)?.text.includes("только в личном чате") === true);
    expect(await keysOf(user)).toEqual([]);
  });

  test("somebody who never asked anything is told so, and gets no key", async () => {
    const user = ++people;
    await stack.say(user, "/keys");
    await untilLast(user, "not asked anything here yet");
    await stack.say(user, "/keys laptop");
    await stack.until(user, (all) => all.length === 4);
    expect((await last(user)).text).toContain("not asked anything here yet");
    expect(await keysOf(user)).toEqual([]);
  });
});

describe("/caps", () => {
  test("shows the limits in dollars and marks those that are offered; a tap changes one of them", async () => {
    const user = await meet();
    await stack.say(user, "/caps");
    const page = await untilLast(user, "Limits");
    expect(page.text).toContain("One answer: at most $0.02");
    expect(page.text).toContain("One day: at most $1, spent today: 0 ¢");
    expect(labels(page).slice(0, 2)).toEqual(["$0.01 an answer", "✓ $0.02 an answer"]);
    await tap(user, page.id, "$5 a day");
    await untilLast(user, "One day: at most $5");
    expect(await capsOf(user)).toEqual([{ answer: "20000", day: "5000000" }]);
    expect(labels(await last(user))).toContain("✓ $5 a day");
  });

  test("two taps at once both count, and a tap again changes nothing", async () => {
    const user = await meet();
    await stack.say(user, "/caps");
    const page = await untilLast(user, "Limits");
    const press = (data: string) => stack.post("tap", { user, message: page.id, data });
    await Promise.all([press("caps:answer:50000"), press("caps:day:2000000"), press("caps:answer:50000")]);
    await stack.until(user, (all) => /at most \$0\.05[^]*at most \$2,/.test(all.at(-1)?.text ?? ""));
    expect(await capsOf(user)).toEqual([{ answer: "50000", day: "2000000" }]);
  });

  test("a made-up amount or one too large changes nothing; a group is told where to ask", async () => {
    const user = await meet();
    const answers = stack.tapAnswers().length;
    for (const data of ["caps:day:9999999999", "caps:answer:1", "caps:day:x", "keys:end:x"]) stack.press(user, data);
    await soon(() => stack.tapAnswers().length).toBe(answers + 4);
    expect(stack.tapAnswers().slice(answers)).toEqual(Array(4).fill(expect.stringContaining("had its time")));
    await stack.say(user, "/caps@starai_bot", { chat: -101 });
    await stack.until(-101, (all) => all.at(-1)?.text.includes("private chat only") === true);
    expect(await capsOf(user)).toEqual([]);
  });

  test("what was spent today in Stars is shown in cents", async () => {
    const user = await meet("ru");
    await stack.ctx.pg.query(
      `insert into spend_days (owner, asset, day, cap, spent, held)
       select 'person:' || id, 'stars', (now() at time zone 'utc')::date, 100000000000, 500000000, 0
       from people where telegram_id = $1`,
      [user],
    );
    await stack.say(user, "/caps");
    expect((await untilLast(user, "Лимиты")).text).toContain("сегодня потрачено 0,65 ¢");
  });
});
