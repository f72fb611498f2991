/** Conversations: a message comes in, a chat starts over, and what the chat waits for. */
import { Hono } from "hono";
import { z } from "zod";
import { INSTRUCTIONS_CHARS_MAX, PERSONAS } from "@starai/protocol/personas";
import { TEXT_CHARS_MAX } from "@starai/protocol/text-limits";
import type { AppContext } from "../context.ts";
import { makeCurrent } from "../threads/change-thread.ts";
import { choosePersona, getPersona } from "../threads/choose-persona.ts";
import { runningRun } from "../threads/get-run.ts";
import { moveChat } from "../threads/move-chat.ts";
import { closeThread } from "../threads/open-thread.ts";
import { receiveMessage } from "../threads/receive-message.ts";
import { reviseMessage } from "../threads/revise-message.ts";
import { requireBotKey } from "./bot-key.ts";
import { parsed } from "./parse.ts";

export const ChatName = z
  .string()
  .regex(/^[a-z]+:-?[0-9]{1,20}(:[0-9]{1,20})?$/, "a surface and its chat, e.g. telegram:42");
export const TelegramId = z.coerce.number().int().positive();
export const PersonFields = {
  name: z.string().trim().min(1).max(200),
  language: z.string().regex(/^[A-Za-z0-9-]{2,35}$/, "a language tag, e.g. en or pt-br"),
};

/** Text after removing NUL characters must not be empty. */
export const MessageText = z
  .string()
  .transform((text) => text.replaceAll("\0", ""))
  .pipe(z.string().trim().min(1).max(TEXT_CHARS_MAX));

/** The same, but may be empty. */
export const ShortText = (max: number) =>
  z
    .string()
    .transform((text) => text.replaceAll("\0", "").trim())
    .pipe(z.string().max(max));

/** The beginning of a message that is replied to is enough, and the question needs the space. */
const REPLIED_TO_CHARS_MAX = 4_096;

const Message = z.strictObject({
  person: z.strictObject({ telegramId: z.int().positive(), ...PersonFields }),
  chat: ChatName,
  externalId: z.string().regex(/^[!-~]{1,200}$/, "1 to 200 visible ASCII characters"),
  text: MessageText,
  repliedTo: z
    .strictObject({
      name: PersonFields.name.nullable(),
      text: z.string().trim().min(1).max(REPLIED_TO_CHARS_MAX),
      picked: z.boolean(),
    })
    .optional(),
});
const Revision = Message.pick({ chat: true, externalId: true, text: true, repliedTo: true }).extend({
  edits: Message.shape.externalId,
});
const Chat = z.object({ chat: ChatName });
/** A person's own chat with the bot has their id. */
const PrivateChat = z.object({
  chat: z
    .string()
    .regex(/^telegram:[0-9]{1,16}$/, "a private chat, e.g. telegram:42")
    .transform((chat) => Number(chat.slice("telegram:".length))),
});
const Moved = z.strictObject({ to: ChatName });
const Current = z.strictObject({ thread: z.uuid() });
const ChatPersona = z.strictObject({
  person: Message.shape.person,
  persona: z.enum(PERSONAS).nullable().optional(),
  instructions: ShortText(INSTRUCTIONS_CHARS_MAX).optional(),
});

export function threadRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .post("/api/messages", bot, parsed("json", Message), async (c) => {
      const received = await receiveMessage(ctx, c.req.valid("json"));
      return c.json(received, 202);
    })
    .post("/api/messages/revised", bot, parsed("json", Revision), async (c) => {
      const revised = await reviseMessage(ctx, c.req.valid("json"));
      return c.json({ revised }, 200);
    })
    .post("/api/chats/:chat/new", bot, parsed("param", Chat), async (c) => {
      const closed = await closeThread(ctx, c.req.valid("param").chat);
      return c.json({ closed }, 200);
    })
    .post("/api/chats/:chat/current", bot, parsed("param", PrivateChat), parsed("json", Current), async (c) => {
      const { chat } = c.req.valid("param");
      const thread = await makeCurrent(ctx, { telegramId: chat, ...c.req.valid("json") });
      return c.json(thread, 200);
    })
    .post("/api/chats/:chat/moved", bot, parsed("param", Chat), parsed("json", Moved), async (c) => {
      const moved = await moveChat(ctx, { from: c.req.valid("param").chat, ...c.req.valid("json") });
      return c.json({ moved }, 200);
    })
    .get("/api/chats/:chat/persona", bot, parsed("param", Chat), async (c) => {
      const persona = await getPersona(ctx, c.req.valid("param").chat);
      return c.json(persona, 200);
    })
    .put("/api/chats/:chat/persona", bot, parsed("param", Chat), parsed("json", ChatPersona), async (c) => {
      const persona = await choosePersona(ctx, { ...c.req.valid("param"), ...c.req.valid("json") });
      return c.json(persona, 200);
    })
    .get("/api/chats/:chat/running", bot, parsed("param", Chat), async (c) => {
      const run = await runningRun(ctx, c.req.valid("param").chat);
      return c.json({ run }, 200);
    });
}
