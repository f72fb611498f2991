/** A real grammY bot against the simulator, by polling and by webhook. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Bot, GrammyError, InlineKeyboard, webhookCallback } from "grammy";
import { expect, test } from "vitest";
import { serveSimulator, TOKEN } from "./serve-simulator.ts";

function bot(base: string): Bot {
  const bot = new Bot(TOKEN, { client: { apiRoot: base } });
  bot.command("start", (ctx) => ctx.reply("Hello", { reply_markup: new InlineKeyboard().text("Press me", "pressed") }));
  bot.callbackQuery("pressed", async (ctx) => {
    await ctx.answerCallbackQuery("ok");
    await ctx.editMessageText("Pressed");
  });
  bot.on("message:text", (ctx) => ctx.reply(`you said ${ctx.message.text}`));
  bot.catch(() => {});
  return bot;
}

test("a polling bot answers a command, a text and a button", async () => {
  await using sim = await serveSimulator();
  const it = bot(sim.base);
  const running = it.start();
  await sim.say(42, "/start");
  const [, hello] = await sim.until(42, (messages) => messages.length === 2);
  expect(hello?.buttons[0]?.[0]?.text).toBe("Press me");
  await sim.post("tap", { user: 42, message: hello?.id, button: "Press me" });
  await sim.until(42, (messages) => messages[1]?.text === "Pressed");
  await sim.say(42, "hi");
  await sim.until(42, (messages) => messages.at(-1)?.text === "you said hi");
  await it.stop();
  await running;
});

test("a webhook bot gets each update once, with the secret, and again after a failure", async () => {
  await using sim = await serveSimulator();
  const it = bot(sim.base);
  const handle = webhookCallback(it, "http", { secretToken: "s3cret" });
  let failures = 1;
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    seen.push(String(request.headers["x-telegram-bot-api-secret-token"]));
    if (failures-- > 0) response.writeHead(500).end();
    else void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await it.api.setWebhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, {
    secret_token: "s3cret",
  });
  await sim.say(42, "one");
  await sim.until(42, (messages) => messages.at(-1)?.text === "you said one");
  await sim.say(42, "two");
  const messages = await sim.until(42, (messages) => messages.at(-1)?.text === "you said two");
  expect(messages.map(({ text }) => text)).toEqual(["one", "you said one", "two", "you said two"]);
  expect(seen).toEqual(["s3cret", "s3cret", "s3cret"]);
  expect((await it.api.getWebhookInfo()).pending_update_count).toBe(0);
  server.closeAllConnections();
  server.close();
});

test("polling is refused while a webhook is set", async () => {
  await using sim = await serveSimulator();
  const { api } = bot(sim.base);
  await api.setWebhook("https://example.com/hook");
  const refusal = await api.getUpdates().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(GrammyError);
  expect(refusal).toMatchObject({ error_code: 409 });
});

test("the older of two pollers gets a conflict that names the newer one", async () => {
  await using sim = await serveSimulator();
  const { api } = bot(sim.base);
  const older = api.getUpdates({ timeout: 20 }).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const newer = api.getUpdates({ timeout: 20 });
  expect(await older).toMatchObject({ error_code: 409 });
  await sim.say(42, "hello");
  expect((await newer).map((update) => update.message?.text)).toEqual(["hello"]);
});
