/** Conversations: a message comes in, a chat starts over, and what the chat waits for. */
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { runningRun } from "../threads/get-run.ts";
import { closeThread } from "../threads/open-thread.ts";
import { receiveMessage } from "../threads/receive-message.ts";
import { requireBotKey } from "./bot-key.ts";
import { parsed } from "./parse.ts";

/** Telegram's rich messages are this long; its plain ones 4,096. */
const TEXT_CHARS_MAX = 32_768;

export const ChatName = z
  .string()
  .regex(/^[a-z]+:-?[0-9]{1,20}(:[0-9]{1,20})?$/, "a surface and its chat, e.g. telegram:42");
export const TelegramId = z.coerce.number().int().positive();
export const PersonFields = {
  name: z.string().trim().min(1).max(200),
  language: z.string().regex(/^[A-Za-z0-9-]{2,35}$/, "a language tag, e.g. en or pt-br"),
};

const Message = z.strictObject({
  person: z.strictObject({ telegramId: z.int().positive(), ...PersonFields }),
  chat: ChatName,
  externalId: z.string().regex(/^[!-~]{1,200}$/, "1 to 200 visible ASCII characters"),
  text: z.string().trim().min(1).max(TEXT_CHARS_MAX),
});
const Chat = z.object({ chat: ChatName });

export function threadRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .post("/api/messages", bot, parsed("json", Message), async (c) => {
      const received = await receiveMessage(ctx, c.req.valid("json"));
      return c.json(received, 202);
    })
    .post("/api/chats/:chat/new", bot, parsed("param", Chat), async (c) => {
      const closed = await closeThread(ctx, c.req.valid("param").chat);
      return c.json({ closed }, 200);
    })
    .get("/api/chats/:chat/running", bot, parsed("param", Chat), async (c) => {
      const run = await runningRun(ctx, c.req.valid("param").chat);
      return c.json({ run }, 200);
    });
}
