/** The bot and the Mini App share conversations: ways into the app, ways back into the chat, and what is asked there shown here. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Gate, answers, thinks } from "@starai/server/threads/scripted-thinking";
import { sendMessage } from "@starai/server/threads/send-message";
import { openBotHouse } from "./bot-house.ts";

type House = Awaited<ReturnType<typeof openBotHouse>>;

/** Somebody who has written to the bot, with their thread, as the app's session would name them. */
async function meet(house: House, user = 42) {
  house.thinking.script = () => answers("hello");
  await house.say(user, "first question");
  await house.until(user, (all) => all.at(-1)?.text === "hello");
  const { rows } = await house.ctx.pg.query(
    "select people.id, threads.id as thread from people join threads on person_id = people.id where telegram_id = $1",
    [user],
  );
  return { owner: { id: String(rows[0].id), telegramId: user }, thread: String(rows[0].thread) };
}

function ask(house: House, { owner, thread }: Awaited<ReturnType<typeof meet>>, text: string) {
  return sendMessage(house.ctx, owner, { thread, externalId: randomUUID(), text });
}

describe("ways into the app", () => {
  test("the menu button, /app and /start open it; a group gets a link instead", async () => {
    await using house = await openBotHouse();
    await house.untilMenu("App");
    await house.say(42, "/app");
    const [, offer] = await house.until(42, (all) => all.length === 2);
    expect(offer?.buttons.flat()).toEqual([{ text: "Open in app", web_app: { url: house.appUrl } }]);
    await house.say(42, "/start");
    const start = (await house.until(42, (all) => all.length === 4)).at(-1);
    expect(start?.buttons.flat().map(({ text }) => text)).toEqual(["Open in app"]);
    await house.say(42, "/app@starai_bot", { chat: -100 });
    const group = (await house.until(-100, (all) => all.length === 2)).at(-1);
    expect(group?.text).toContain("https://t.me/starai_bot?startapp");
    expect(group?.buttons).toEqual([]);
  });

  test("where there is no app nothing leads to one", async () => {
    await using house = await openBotHouse({ app: false });
    await house.untilMenu(null);
    await house.say(42, "/app");
    const [, none] = await house.until(42, (all) => all.length === 2);
    expect(none?.text).toContain("no app here");
    expect((await house.card(42)).commands.map(({ command }) => command)).not.toContain("app");
  });
});

describe("a link to a conversation", () => {
  test("makes this chat go on there; one that is not the person's changes nothing", async () => {
    await using house = await openBotHouse();
    const { thread } = await meet(house);
    await house.say(42, "/new");
    await house.until(42, (all) => all.at(-1)?.text.startsWith("A new conversation") === true);
    const link = `/start t_${thread.replaceAll("-", "")}`;
    await house.say(43, link);
    await house.until(43, (all) => all.at(-1)?.text.startsWith("That conversation is not there") === true);
    await house.say(42, link);
    const back = (await house.until(42, (all) => all.at(-1)?.text.includes("first question") === true)).at(-1);
    expect(JSON.stringify(back?.buttons)).toContain(`tgWebAppStartParam=t_${thread.replaceAll("-", "")}`);
    await house.say(42, "second question");
    await house.until(42, (all) => all.at(-1)?.text === "hello");
    const { rows } = await house.ctx.pg.query("select distinct thread_id from messages");
    expect(rows).toEqual([{ thread_id: thread }]);
    await house.say(42, "/start t_nonsense");
    await house.until(42, (all) => all.at(-1)?.text.startsWith("Hello, ") === true);
  });
});

describe("what is asked in the app", () => {
  test("appears in the chat with its answer as it grows; Stop in the chat stops it", async () => {
    await using house = await openBotHouse();
    const who = await meet(house);
    const gate = new Gate();
    house.thinking.script = async function* () {
      yield* thinks("");
      yield `","action":{"final_answer":"Growing <here>`;
      await gate.opened;
      yield ` no more"}}`;
    };
    await ask(house, who, "asked in the <app>");
    await house.untilDraft(42, "Growing");
    const quoted = (await house.transcript(42)).at(-1);
    expect(quoted?.text).toBe("From the app:\nasked in the <app>");
    expect(quoted?.from).toBe("bot");
    await house.post("stop", { user: 42 });
    const messages = await house.until(42, (all) => all.at(-1)?.text.endsWith("*Stopped.*") === true);
    expect(messages.at(-1)?.text).toMatch(/^Growing/);
    gate.open();
    await house.untilMirrored();
    expect(await house.transcript(42)).toHaveLength(messages.length);
  });

  test("while the bot was away is shown when it is back, once", async () => {
    await using house = await openBotHouse();
    const who = await meet(house);
    house.thinking.script = ({ question }) => answers(`answer to ${question}`);
    await house.whileBotIsAway(async () => {
      await ask(house, who, "one");
    });
    await house.until(42, (all) => all.at(-1)?.text === "answer to one");
    await house.untilMirrored();
    await house.restartBot();
    await ask(house, who, "two");
    const all = await house.until(42, (messages) => messages.at(-1)?.text === "answer to two");
    expect(all.filter(({ text }) => text === "answer to one")).toHaveLength(1);
  });

  test("is quoted with whole characters where it is cut", async () => {
    await using house = await openBotHouse();
    const who = await meet(house);
    house.thinking.script = () => answers("a lot of smiles");
    await ask(house, who, `xx${"😀".repeat(2_000)}`);
    await house.until(42, (all) => all.at(-1)?.text === "a lot of smiles");
    const quoted = (await house.transcript(42)).at(-2)?.text ?? "";
    expect(quoted).toMatch(/^From the app:\nxx(?:😀)+…$/u);
    expect(quoted.length).toBeGreaterThan(3_000);
  });

  test("is let be where the person blocked the bot", async () => {
    await using house = await openBotHouse();
    const who = await meet(house);
    const before = (await house.transcript(42)).length;
    await house.post("block", { user: 42 });
    house.thinking.script = () => answers("unseen");
    await ask(house, who, "anybody there?");
    await house.untilMirrored();
    expect(await house.transcript(42)).toHaveLength(before);
  });
});
