/** The bot and the Mini App share conversations: links both ways, and questions of the app shown in the chat. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Gate, answers, thinks } from "@starai/server/testing/scripted-thinking";
import { sendMessage } from "@starai/server/threads/send-message";
import { openBotStack } from "./bot-stack.ts";

type Stack = Awaited<ReturnType<typeof openBotStack>>;

/** A person who has written to the bot, with their thread, in the form of the app's session. */
async function meet(stack: Stack, user = 42) {
  stack.thinking.script = () => answers("hello");
  await stack.say(user, "first question");
  await stack.until(user, (all) => all.at(-1)?.text === "hello");
  const { rows } = await stack.ctx.pg.query(
    "select people.id, threads.id as thread from people join threads on person_id = people.id where telegram_id = $1",
    [user],
  );
  return { owner: { id: String(rows[0].id), telegramId: user }, thread: String(rows[0].thread) };
}

function ask(stack: Stack, { owner, thread }: Awaited<ReturnType<typeof meet>>, text: string) {
  return sendMessage(stack.ctx, owner, { thread, externalId: randomUUID(), text });
}

describe("ways into the app", () => {
  test("the menu button, /app and /start open it; a group gets a link instead", async () => {
    await using stack = await openBotStack();
    await stack.untilMenu("App");
    await stack.say(42, "/app");
    const [, offer] = await stack.until(42, (all) => all.length === 2);
    expect(offer?.buttons.flat()).toEqual([{ text: "Open in app", web_app: { url: stack.appUrl } }]);
    await stack.say(42, "/start");
    const start = (await stack.until(42, (all) => all.length === 4)).at(-1);
    expect(start?.buttons.flat().map(({ text }) => text)).toEqual(["Open in app"]);
    await stack.say(42, "/app@starai_bot", { chat: -100 });
    const group = (await stack.until(-100, (all) => all.length === 2)).at(-1);
    expect(group?.text).toContain("https://t.me/starai_bot?startapp");
    expect(group?.buttons).toEqual([]);
  });

  test("a machine's link opens its pairing by a button and pairs nothing; a damaged one is a start like any other", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/start pair_0ABCDEFG");
    const offer = (await stack.until(42, (all) => all.length === 2)).at(-1);
    expect(offer?.text).toContain("nothing is paired before you say that it is yours");
    const [button] = (offer?.buttons.flat() ?? []) as { web_app?: { url: string } }[];
    expect(new URL(button!.web_app!.url).searchParams.get("tgWebAppStartParam")).toBe("pair_0ABCDEFG");
    await stack.say(42, "/start pair_OOOOOOOO");
    const start = (await stack.until(42, (all) => all.length === 4)).at(-1);
    expect(start?.buttons.flat().map(({ text }) => text)).toEqual(["Open in app"]);
  });

  test("without an app the bot offers no link to one", async () => {
    await using stack = await openBotStack({ app: false });
    await stack.untilMenu(null);
    await stack.say(42, "/app");
    const [, none] = await stack.until(42, (all) => all.length === 2);
    expect(none?.text).toContain("no app here");
    expect((await stack.card(42)).commands.map(({ command }) => command)).not.toContain("app");
  });
});

describe("a link to a conversation", () => {
  test("a link to a conversation continues it in this chat; a link to another person's changes nothing", async () => {
    await using stack = await openBotStack();
    const { thread } = await meet(stack);
    await stack.say(42, "/new");
    await stack.until(42, (all) => all.at(-1)?.text.startsWith("A new conversation") === true);
    const link = `/start t_${thread.replaceAll("-", "")}`;
    await stack.say(43, link);
    await stack.until(43, (all) => all.at(-1)?.text.startsWith("That conversation is not there") === true);
    await stack.say(42, link);
    const back = (await stack.until(42, (all) => all.at(-1)?.text.includes("first question") === true)).at(-1);
    expect(JSON.stringify(back?.buttons)).toContain(`tgWebAppStartParam=t_${thread.replaceAll("-", "")}`);
    await stack.say(42, "second question");
    await stack.until(42, (all) => all.at(-1)?.text === "hello");
    const { rows } = await stack.ctx.pg.query("select distinct thread_id from messages");
    expect(rows).toEqual([{ thread_id: thread }]);
    await stack.say(42, "/start t_nonsense");
    await stack.until(42, (all) => all.at(-1)?.text.startsWith("Hello, ") === true);
  });
});

describe("questions of the app", () => {
  test("a question of the app appears in the chat with its growing answer; Stop in the chat stops it", async () => {
    await using stack = await openBotStack();
    const who = await meet(stack);
    const gate = new Gate();
    stack.thinking.script = async function* () {
      yield* thinks("");
      yield `","action":{"final_answer":"Growing <here>`;
      await gate.opened;
      yield ` no more"}}`;
    };
    await ask(stack, who, "asked in the <app>");
    await stack.untilDraft(42, "Growing");
    const quoted = (await stack.transcript(42)).at(-1);
    expect(quoted?.text).toBe("From the app:\nasked in the <app>");
    expect(quoted?.from).toBe("bot");
    await stack.post("stop", { user: 42 });
    const messages = await stack.until(42, (all) => all.at(-1)?.text.endsWith("*Stopped.*") === true);
    expect(messages.at(-1)?.text).toMatch(/^Growing/);
    gate.open();
    await stack.untilMirrored();
    expect(await stack.transcript(42)).toHaveLength(messages.length);
  });

  test("a question asked in the app while the bot was down is shown once when it is back", async () => {
    await using stack = await openBotStack();
    const who = await meet(stack);
    stack.thinking.script = ({ question }) => answers(`answer to ${question}`);
    await stack.whileBotIsAway(async () => {
      await ask(stack, who, "one");
    });
    await stack.until(42, (all) => all.at(-1)?.text === "answer to one");
    await stack.untilMirrored();
    await stack.restartBot();
    await ask(stack, who, "two");
    const all = await stack.until(42, (messages) => messages.at(-1)?.text === "answer to two");
    expect(all.filter(({ text }) => text === "answer to one")).toHaveLength(1);
  });

  test("a long question asked in the app is cut at a whole character when quoted", async () => {
    await using stack = await openBotStack();
    const who = await meet(stack);
    stack.thinking.script = () => answers("a lot of smiles");
    await ask(stack, who, `xx${"😀".repeat(2_000)}`);
    await stack.until(42, (all) => all.at(-1)?.text === "a lot of smiles");
    const quoted = (await stack.transcript(42)).at(-2)?.text ?? "";
    expect(quoted).toMatch(/^From the app:\nxx(?:😀)+…$/u);
    expect(quoted.length).toBeGreaterThan(3_000);
  });

  test("a question asked in the app is not mirrored when the person has blocked the bot", async () => {
    await using stack = await openBotStack();
    const who = await meet(stack);
    const before = (await stack.transcript(42)).length;
    await stack.post("block", { user: 42 });
    stack.thinking.script = () => answers("unseen");
    await ask(stack, who, "anybody there?");
    await stack.untilMirrored();
    expect(await stack.transcript(42)).toHaveLength(before);
  });
});
