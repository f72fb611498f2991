/** A scripted grammY bot: streams a given answer, stops on request, opens an app. */
import { setTimeout as sleep } from "node:timers/promises";
import { Bot, InlineKeyboard } from "grammy";
import { TOKEN } from "./serve-simulator.ts";

export const ANSWER = [
  "Here is how the two cards compare for **small models**:",
  "",
  "| Card | Memory | Speed | Power | Price a month |",
  "|:-----|-------:|------:|------:|-----:|",
  "| RTX 3060 | 12 GB | 38 tok/s | 170 W | 21 TON |",
  "| RTX 4090 | 24 GB | 127 tok/s | 450 W | 68 TON |",
  "",
  "To try it yourself:",
  "",
  "```bash",
  "npm run worker -- start --model qwen2.5-coder-1.5b --pool wss://starai.example/pool",
  "```",
  "",
  "1. The worker measures its own speed.",
  "2. The pool gives it work it can finish.",
  "",
  "> Prices change; ask again when you decide.",
].join("\n");

export interface ScriptedBot extends AsyncDisposable {
  readonly bot: Bot;
}

/** Stages of an answer that a browser checks: the bot waits for each, so that a slow browser does not miss one. */
export interface Seen {
  thought: Promise<unknown>;
  beginning: Promise<unknown>;
  whole: Promise<unknown>;
}

/** `paceMs` is the pause between two parts of an answer. */
export async function startScriptedBot(
  base: string,
  options: { paceMs?: number; appUrl?: string; seen?: Seen } = {},
): Promise<ScriptedBot> {
  const bot = new Bot(TOKEN, { client: { apiRoot: base } });
  const stopped = new Set<number>();
  const pause = () => sleep(options.paceMs ?? 30);

  bot.command("start", (ctx) =>
    ctx.reply("Hello! Ask me anything, or try one of these.", {
      reply_markup: new InlineKeyboard()
        .text("Compare two cards", "compare")
        .row()
        .text("What can you do?", "help")
        .webApp("Open the app", options.appUrl ?? "http://localhost:1/app"),
    }),
  );
  bot.command("help", (ctx) => ctx.reply("I answer questions, one step at a time."));
  bot.on("callback_query:data", async (ctx) => {
    await ctx.answerCallbackQuery(ctx.callbackQuery.data === "help" ? { text: "I answer questions." } : {});
    if (ctx.callbackQuery.data === "compare" && ctx.chatId) void answer(ctx.chatId, "compare").catch(() => undefined);
  });
  bot.use((ctx, next) => {
    const stop = ctx.update.stopped_message_generation;
    if (stop) stopped.add(stop.draft_id);
    return stop ? undefined : next();
  });
  bot.on("message:text", (ctx) => void answer(ctx.chatId, ctx.message.text).catch(() => undefined));
  bot.catch(() => {});

  async function answer(chat: number, question: string): Promise<void> {
    const draft = Date.now() % 1_000_000_000 || 1;
    const draw = (markdown: string) => bot.api.sendRichMessageDraft(chat, draft, { markdown }, { can_stop: true });
    await draw("<tg-thinking>Looking at what both cards can do…</tg-thinking>");
    await (options.seen?.thought ?? pause());
    const words = (
      /card|compare/i.test(question) ? ANSWER : `You said: *${question}*. ${"That is a long story. ".repeat(20)}`
    ).split(/(?<=\s)/);
    let said = "";
    for (let at = 0; at < words.length && !stopped.has(draft); at += 4) {
      said += words.slice(at, at + 4).join("");
      await draw(said);
      await (at === 0 ? (options.seen?.beginning ?? pause()) : pause());
    }
    await options.seen?.whole;
    await bot.api.sendRichMessage(chat, { markdown: stopped.has(draft) ? `${said}\n\n*Stopped.*` : said });
  }

  await bot.api.setMyCommands([
    { command: "start", description: "Begin, and see what I can do" },
    { command: "new", description: "Start a new conversation" },
    { command: "model", description: "Choose the model that answers" },
    { command: "help", description: "How to use me" },
    { command: "privacy", description: "Who sees what you write" },
  ]);
  await bot.api.setMyDescription(
    "I think in steps, and every step is computed by graphics cards people lend to the pool.",
  );
  const running = bot.start();
  return {
    bot,
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await running.catch(() => undefined);
    },
  };
}
