/**
 * Builds the question from a message: its text or caption, its text files, and forwarded messages
 * with their authors. Text by others is marked line by line, so that it cannot pass for the person's own.
 */
import type { Document, Message, MessageOrigin } from "grammy/types";
import { TEXT_CHARS_MAX } from "@starai/protocol/text-limits";
import type { TextKey } from "@starai/protocol/texts";
import type { BotContext, BotDeps } from "../context.ts";
import { FILE_BYTES_MAX } from "./read-file.ts";
import { isTextFile, textOfFile } from "./text-file.ts";

/** Limit for one file's text: half of a question's. */
const FILE_CHARS_MAX = TEXT_CHARS_MAX / 2;
const NAME_CHARS_MAX = 100;

export type Read =
  | { kind: "question"; text: string }
  /** Not a question; `text` is the reply. */
  | { kind: "reply"; text: string };

/** `words`: the text addressed to the bot, without its name; `null` if there is none. */
export async function readMessage(deps: BotDeps, ctx: BotContext, words: string | null): Promise<Read> {
  const parts = ctx.parts ?? (ctx.msg ? [ctx.msg] : []);
  const forwarded = parts.filter(({ forward_origin }) => forward_origin);
  const own = forwarded.length > 0 ? "" : (words ?? "");
  const files = await Promise.all(
    parts.flatMap(({ document }) => (document ? [readDocument(deps, ctx, document)] : [])),
  );
  const refused = files.find(({ kind }) => kind === "reply");
  if (refused) return refused;
  const sections = [own, ...forwarded.map((message) => forwardedText(ctx, message)), ...files.map(({ text }) => text)];
  const text = sections.filter((section) => section !== "").join("\n\n");
  if (text === "") return { kind: "reply", text: ctx.t(files.length > 0 ? "file.empty" : "chat.not_text") };
  if (text.length > TEXT_CHARS_MAX) return { kind: "reply", text: ctx.t("chat.too_long", { max: TEXT_CHARS_MAX }) };
  const note = own !== "" && files.length === 0 && parts.some(hasMedia) ? `\n\n${ctx.t("message.media_unseen")}` : "";
  return { kind: "question", text: text + note };
}

async function readDocument(deps: BotDeps, ctx: BotContext, document: Document): Promise<Read> {
  const name = oneLine(document.file_name ?? "").slice(0, NAME_CHARS_MAX) || ctx.t("file.unnamed");
  const refuse = (key: TextKey): Read => ({ kind: "reply", text: ctx.t(key, { name, max: FILE_CHARS_MAX }) });
  if (!isTextFile(document)) return refuse("file.not_text");
  if ((document.file_size ?? 0) > FILE_BYTES_MAX) return refuse("file.too_long");
  const bytes = await deps.readFile(document.file_id, deps.stopping);
  if (bytes === null) return refuse("file.not_read");
  const text = textOfFile(bytes);
  if (text === null) return refuse("file.not_text");
  if (text.length > FILE_CHARS_MAX) return refuse("file.too_long");
  return { kind: "question", text: text === "" ? "" : quoted(ctx.t("message.file", { name }), text) };
}

function forwardedText(ctx: BotContext, message: Message): string {
  const text = (message.text ?? message.caption ?? "").trim();
  const name = message.forward_origin ? authorOf(message.forward_origin) : "";
  return text === "" ? "" : quoted(ctx.t("message.forwarded", { name: oneLine(name).slice(0, NAME_CHARS_MAX) }), text);
}

function authorOf(origin: MessageOrigin): string {
  switch (origin.type) {
    case "user":
      return [origin.sender_user.first_name, origin.sender_user.last_name].filter(Boolean).join(" ");
    case "hidden_user":
      return origin.sender_user_name;
    case "chat":
      return "title" in origin.sender_chat ? (origin.sender_chat.title ?? "") : "";
    case "channel":
      return origin.chat.title;
  }
}

function quoted(heading: string, text: string): string {
  return [heading, ...text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => `> ${line}`)].join("\n");
}

function hasMedia({ photo, video, voice, audio, video_note: note, sticker, animation }: Message): boolean {
  return [photo, video, voice, audio, note, sticker, animation].some((media) => media !== undefined);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
