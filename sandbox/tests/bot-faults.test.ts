/** Faults between Telegram, the bot and the server, as the person sees them. */
import { serve } from "@hono/node-server";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { Gate, answers } from "@starai/server/testing/scripted-thinking";
import { openBotStack } from "./bot-stack.ts";

describe("Telegram", () => {
  test("drafts refused with 429 lose no word of the answer, and no draft is sent meanwhile", async () => {
    await using stack = await openBotStack();
    await stack.post("fault", { method: "sendRichMessageDraft", kind: "429", retryAfter: 60 });
    stack.thinking.script = () => answers(twentyWords());
    await stack.say(42, "hello");
    const [, answer] = await stack.until(42, (all) => all.length === 2);
    expect(answer?.text.match(/w\d+/g)).toHaveLength(20);
    expect(stack.calls("sendRichMessageDraft")).toBe(1);
  });

  test("an answer refused with 429 and 500 is retried until it is delivered once", async () => {
    await using stack = await openBotStack();
    await stack.post("fault", { method: "sendRichMessage", kind: "429", retryAfter: 1 });
    await stack.post("fault", { method: "sendRichMessage", kind: "500" });
    await stack.say(42, "hello");
    const messages = await stack.until(42, (all) => all.length === 2);
    expect(messages[1]?.text).toBe("You said: hello");
    expect(stack.calls("sendRichMessage")).toBe(3);
  });

  test("an answer whose Markdown Telegram rejects is sent as HTML with all its words", async () => {
    await using stack = await openBotStack();
    const deep = "> ".repeat(30);
    stack.thinking.script = () => answers(`**Bold** and\n${deep}deep quote`);
    await stack.say(42, "hello");
    const [, answer] = await stack.until(42, (all) => all.length === 2);
    expect(answer?.rich).toBeNull();
    expect(answer?.text).toContain("Bold and");
    expect(answer?.text).toContain("deep quote");
    expect(answer?.entities.map(({ type }) => type)).toContain("bold");
  });

  test("a person who blocks the bot during an answer loses the message, not the conversation", async () => {
    await using stack = await openBotStack();
    const rest = new Gate();
    stack.thinking.script = async function* () {
      yield `{"thought":"","action":{"final_answer":"first`;
      await rest.opened;
      yield ` and last"}}`;
    };
    await stack.say(42, "hello");
    await stack.untilDraft(42, "first");
    await stack.post("block", { user: 42 });
    rest.open();
    await stack.untilHandled();
    const { rows } = await stack.ctx.pg.query("select status, answer from runs");
    expect(rows).toEqual([{ status: "answered", answer: "first and last" }]);
    await stack.say(42, "I am back");
    await stack.until(42, (all) => all.at(-1)?.text === "first and last");
  });

  test("a repeated update has one effect", async () => {
    await using stack = await openBotStack();
    await stack.say(42, "/help");
    await stack.until(42, (all) => all.length === 2);
    const webhook = await stack.webhookBot();
    const update = {
      update_id: 999_001,
      message: {
        message_id: 77,
        date: 1,
        text: "once",
        chat: { id: 42, type: "private", first_name: "A" },
        from: { id: 42, is_bot: false, first_name: "A" },
      },
    };
    await Promise.all(Array.from({ length: 5 }, async () => webhook.deliver(update)));
    await stack.untilHandled();
    await webhook.deliver(update);
    await stack.untilHandled();
    expect((await stack.transcript(42)).map(({ text }) => text)).toEqual([
      "/help",
      expect.any(String),
      "You said: once",
    ]);
    await webhook.stop();
  });
});

/** An answer whose second half waits at the gate. */
async function* halting(gate: Gate): AsyncGenerator<string> {
  yield `{"thought":"","action":{"final_answer":"before`;
  await gate.opened;
  yield ` and after"}}`;
}

describe("a restart of the bot", () => {
  test("a bot restarted in the middle of an answer attaches to the same run and delivers its answer once", async () => {
    await using stack = await openBotStack();
    const rest = new Gate();
    stack.thinking.script = () => halting(rest);
    await stack.say(42, "hello");
    await stack.untilDraft(42, "before");
    await stack.restartBot();
    await stack.untilDraft(42, "before");
    rest.open();
    await stack.until(42, (all) => all.at(-1)?.text === "before and after");
    await stack.untilHandled();
    expect(await stack.transcript(42)).toHaveLength(2);
    expect(stack.thinking.begun).toHaveLength(1);
  });

  test("a restarted bot handles stored messages that were not started, in their order", async () => {
    await using stack = await openBotStack();
    const first = new Gate();
    stack.thinking.script = async function* ({ question }) {
      if (question === "one") await first.opened;
      yield* answers(`answer ${question}`);
    };
    await stack.say(42, "one");
    await stack.say(42, "two");
    await stack.untilStored(2);
    await stack.restartBot();
    first.open();
    const messages = await stack.until(42, (all) => all.length === 4);
    expect(messages.map(({ text }) => text)).toEqual(["one", "two", "answer one", "answer two"]);
  });
});

describe("a restart of the server", () => {
  test("a server restarted in the middle of an answer only delays it", async () => {
    await using stack = await openBotStack();
    const rest = new Gate();
    stack.thinking.script = () => halting(rest);
    await stack.say(42, "hello");
    await stack.untilDraft(42, "before");
    await stack.restartServer();
    rest.open();
    const messages = await stack.until(42, (all) => all.length === 2);
    expect(messages[1]?.text).toBe("before and after");
    expect(stack.thinking.begun).toHaveLength(1);
  });
});

describe("the webhook", () => {
  test("the webhook responds at once, however long the answer takes, and the answer arrives", async () => {
    await using stack = await openBotStack();
    const rest = new Gate();
    stack.thinking.script = async function* () {
      await rest.opened;
      yield* answers("by webhook");
    };
    await using served = await serveWebhook(stack);
    await stack.say(42, "hello");
    await stack.untilStored(1);
    const info = (await (await fetch(`${stack.base}/bot${stack.token}/getWebhookInfo`)).json()) as {
      result: { pending_update_count: number; url: string };
    };
    expect(info.result.url).toBe(served.url);
    rest.open();
    await stack.until(42, (all) => all.at(-1)?.text === "by webhook");
  });

  test("the webhook rejects a call with no secret, a wrong secret, or a body that is not an update", async () => {
    await using stack = await openBotStack();
    const webhook = await stack.webhookBot();
    const post = (headers: Record<string, string>, body: string) =>
      webhook.app.request("/telegram", { method: "POST", headers, body });
    const update = JSON.stringify({ update_id: 1 });
    const secret = { "x-telegram-bot-api-secret-token": webhook.secret };
    expect((await post({}, update)).status).toBe(401);
    expect((await post({ "x-telegram-bot-api-secret-token": `${webhook.secret}x` }, update)).status).toBe(401);
    expect((await post(secret, "no json")).status).toBe(400);
    expect((await post(secret, JSON.stringify({ update_id: "1" }))).status).toBe(400);
    expect((await post(secret, "x".repeat(2 * 1024 * 1024))).status).toBe(413);
    expect((await stack.ctx.pg.query("select 1 from updates")).rows).toEqual([]);
    expect((await post(secret, update)).status).toBe(200);
    await webhook.stop();
  });
});

async function* twentyWords(): AsyncGenerator<string> {
  for (let word = 0; word < 20; word++) {
    yield `w${word} `;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** A bot behind a webhook that the simulator calls over HTTP. */
async function serveWebhook(stack: Awaited<ReturnType<typeof openBotStack>>) {
  const holder: { app?: { fetch: (request: Request) => Response | Promise<Response> } } = {};
  const http = serve({
    fetch: (request) => holder.app?.fetch(request) ?? new Response(null, { status: 503 }),
    port: 0,
    hostname: "127.0.0.1",
  }) as Server;
  await new Promise<void>((resolve) => http.once("listening", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/telegram`;
  const webhook = await stack.webhookBot(url);
  holder.app = webhook.app;
  return {
    url,
    async [Symbol.asyncDispose]() {
      await webhook.stop();
      http.closeAllConnections();
      http.close();
    },
  };
}
