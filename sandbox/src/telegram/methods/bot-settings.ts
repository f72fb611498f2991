/** The bot's settings: commands, menu button, name and descriptions. */
import { z } from "zod";
import type { BotCommand, BotCommandScope, MenuButton } from "@grammyjs/types";
import { checkWebAppUrl } from "../check-keyboard.ts";
import { method } from "../method.ts";
import { Integer, jsonObject, Text } from "../parameters.ts";
import { TelegramError } from "../telegram-error.ts";
import type { Telegram } from "../telegram.ts";
import { commandKey } from "../world.ts";
import { countCharacters } from "../entities/formatted-text.ts";

const COMMANDS_MAX = 100;
const Command = z.looseObject({
  command: z.string().regex(/^[a-z0-9_]{1,32}$/, { error: "BOT_COMMAND_INVALID" }),
  description: z.string().min(1).max(256),
});
const ScopeFields = {
  scope: jsonObject("scope", z.looseObject({ type: z.string() }))
    .transform((scope) => scope as unknown as BotCommandScope)
    .default({ type: "default" }),
  language_code: z.string().max(2).default(""),
};
const Commands = jsonObject(
  "commands",
  z.array(z.looseObject({ command: z.string(), description: z.string() })).max(COMMANDS_MAX),
);
const Button = jsonObject("menu button", z.looseObject({ type: z.enum(["commands", "web_app", "default"]) })).transform(
  (button) => button as unknown as MenuButton,
);

export const botSettings = [
  method("setMyCommands", z.object({ ...ScopeFields, commands: Commands }), (telegram, p) => {
    const commands = p.commands.map((command): BotCommand => {
      const parsed = Command.safeParse(command);
      if (!parsed.success) throw TelegramError.badRequest("BOT_COMMAND_INVALID");
      return { command: parsed.data.command, description: parsed.data.description };
    });
    return keepCommands(telegram, p.scope, p.language_code, commands);
  }),
  method("deleteMyCommands", z.object(ScopeFields), (telegram, p) =>
    keepCommands(telegram, p.scope, p.language_code, []),
  ),
  method("getMyCommands", z.object(ScopeFields), (telegram, p) => [
    ...(telegram.world.commands.get(commandKey(p.scope, p.language_code))?.commands ?? []),
  ]),

  method(
    "setChatMenuButton",
    z.object({ chat_id: Integer.optional(), menu_button: Button.default({ type: "default" }) }),
    (telegram, p) => {
      if (p.chat_id !== undefined && p.chat_id <= 0) throw TelegramError.badRequest("Invalid chat_id specified");
      if (p.menu_button.type === "web_app") checkWebAppUrl(p.menu_button.web_app?.url);
      telegram.commit({ kind: "menu-button", chat: p.chat_id ?? null, button: p.menu_button });
      telegram.feed.emit({ type: "bot" });
      return true;
    },
  ),
  method("getChatMenuButton", z.object({ chat_id: Integer.optional() }), (telegram, p) =>
    menuButton(telegram, p.chat_id ?? null),
  ),

  method("setMyName", z.object({ name: Text.default(""), ...language() }), (telegram, p) =>
    keepText(telegram, "name", p.language_code, p.name, 64),
  ),
  method("getMyName", z.object(language()), (telegram, p) => ({
    name: readText(telegram, "name", p.language_code) || telegram.me.first_name,
  })),
  method("setMyDescription", z.object({ description: Text.default(""), ...language() }), (telegram, p) =>
    keepText(telegram, "description", p.language_code, p.description, 512),
  ),
  method("getMyDescription", z.object(language()), (telegram, p) => ({
    description: readText(telegram, "description", p.language_code),
  })),
  method("setMyShortDescription", z.object({ short_description: Text.default(""), ...language() }), (telegram, p) =>
    keepText(telegram, "short_description", p.language_code, p.short_description, 120),
  ),
  method("getMyShortDescription", z.object(language()), (telegram, p) => ({
    short_description: readText(telegram, "short_description", p.language_code),
  })),
];

/** The button a chat shows: its own, or else the bot's. */
export function menuButton(telegram: Telegram, chat: number | null): MenuButton {
  const own = chat === null ? undefined : telegram.world.menuButtons.get(chat);
  const shown = own && own.type !== "default" ? own : telegram.world.menuButtons.get(null);
  return shown && shown.type !== "default" ? shown : { type: "commands" };
}

/** The commands a person sees: of the narrowest scope that has any, in their language or else the default one. */
export function commandsFor(telegram: Telegram, chat: number, language: string): readonly BotCommand[] {
  const scopes: BotCommandScope[] = [
    { type: "chat", chat_id: chat },
    chat > 0 ? { type: "all_private_chats" } : { type: "all_group_chats" },
    { type: "default" },
  ];
  for (const scope of scopes)
    for (const code of [language, ""]) {
      const list = telegram.world.commands.get(commandKey(scope, code));
      if (list && list.commands.length > 0) return list.commands;
    }
  return [];
}

type TextKind = "name" | "description" | "short_description";

/** A text in a language, or else the one for all languages. */
export function readText(telegram: Telegram, what: TextKind, language: string): string {
  const { texts } = telegram.world;
  return texts.get(`${what}/${language}`)?.text || texts.get(`${what}/`)?.text || "";
}

function language() {
  return { language_code: z.string().max(2).default("") };
}

function keepCommands(telegram: Telegram, scope: BotCommandScope, code: string, commands: BotCommand[]): true {
  telegram.commit({ kind: "commands", list: { scope, language: code, commands } });
  telegram.feed.emit({ type: "bot" });
  return true;
}

function keepText(telegram: Telegram, what: TextKind, code: string, text: string, max: number): true {
  if (countCharacters(text) > max) throw TelegramError.badRequest(`bot ${what.replace("_", " ")} is too long`);
  telegram.commit({ kind: "text", what, language: code, text });
  telegram.feed.emit({ type: "bot" });
  return true;
}
