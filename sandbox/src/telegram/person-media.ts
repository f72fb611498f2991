/** A person's other messages: files and albums, edits and forwards. */
import type { Message, MessageOrigin } from "@grammyjs/types";
import { detectEntities } from "./entities/detect-entities.ts";
import { ClientRefusal, upsertPerson, meantForBot, sendAsPerson } from "./person.ts";
import type { PersonFields } from "./person.ts";
import type { Telegram } from "./telegram.ts";
import { unixSeconds } from "./telegram.ts";
import { viewMessage } from "./views.ts";
import type { StoredFile } from "./world.ts";

export const FILE_KINDS = ["photo", "document", "voice", "audio", "video", "sticker"] as const;
type FileKind = (typeof FILE_KINDS)[number];
/** Kinds that Telegram shows as an album. */
const ALBUM_KINDS: readonly FileKind[] = ["photo", "video", "document", "audio"];

export interface SentFiles extends PersonFields {
  readonly files: readonly {
    readonly kind: FileKind;
    readonly name?: string | undefined;
    readonly mimeType?: string | undefined;
    readonly base64: string;
  }[];
  /** Attached to the first file, as clients do. */
  readonly caption?: string | undefined;
  readonly chat?: number | undefined;
  readonly replyTo?: number | undefined;
}

/** Sends one file, or several as an album: one message per file, grouped by `media_group_id` only. */
export async function sendFiles(telegram: Telegram, sent: SentFiles): Promise<Message[]> {
  if (sent.files.length > 1 && sent.files.some(({ kind }) => !ALBUM_KINDS.includes(kind)))
    throw new ClientRefusal(`An album may contain only ${ALBUM_KINDS.join(", ")}; send other files one by one.`);
  const group = sent.files.length > 1 ? { media_group_id: String(telegram.clock()) } : {};
  const contents: Partial<Message>[] = [];
  for (const { kind, name, mimeType, base64 } of sent.files) {
    const upload = new File([Buffer.from(base64, "base64")], name ?? kind, mimeType ? { type: mimeType } : {});
    const file = await telegram.files.save(upload);
    telegram.commit({ kind: "file", file });
    contents.push({ ...contentOf(kind, file), ...group });
  }
  return contents.map((content, at) =>
    sendAsPerson(telegram, sent, { ...content, ...(at === 0 ? captionOf(sent.caption) : {}) }),
  );
}

/** Edits the text of a person's own message; the bot gets an update if it would get the message itself. */
export function editMessage(
  telegram: Telegram,
  { user, chat: chatId, message: id, text }: { user: number; chat?: number | undefined; message: number; text: string },
): Message {
  const stored = telegram.world.message(chatId ?? user, id);
  if (!stored) throw new ClientRefusal(`There is no message ${id} in this chat.`);
  const { message } = stored;
  if (message.from?.id !== user) throw new ClientRefusal("People can edit only their own messages.");
  if (message.forward_origin) throw new ClientRefusal("A forwarded message cannot be edited.");
  const words = message.text === undefined ? captionOf(text) : textOf(text);
  const edited = {
    ...without(message, ["text", "entities", "caption", "caption_entities"]),
    ...words,
    edit_date: unixSeconds(telegram),
  } as Message;
  const changed = { ...stored, message: edited };
  telegram.commit({ kind: "message", stored: changed });
  telegram.feed.emit({ type: "edit", chat: edited.chat.id, message: viewMessage(telegram.world, changed) });
  if (edited.chat.type === "private" || meantForBot(telegram, edited))
    telegram.updates.push("edited_message", edited as never);
  return edited;
}

export interface Forward extends PersonFields {
  readonly chat?: number | undefined;
  /** The forwarded message of this chat; without it, `text` is forwarded from somebody elsewhere. */
  readonly message?: number | undefined;
  readonly from?: string | undefined;
  readonly channel?: string | undefined;
  readonly text?: string | undefined;
}

/** Forwards a message into its own chat, or one that somebody wrote elsewhere. */
export function forwardMessage(telegram: Telegram, forward: Forward): Message {
  const user = upsertPerson(telegram, forward);
  const { message: id, text } = forward;
  if ((id === undefined) === (text === undefined)) throw new ClientRefusal('Give either "message" or "text".');
  if (id === undefined)
    return sendAsPerson(telegram, forward, { ...textOf(text ?? ""), forward_origin: elsewhere(telegram, forward) });
  const source = telegram.world.message(forward.chat ?? user.id, id)?.message;
  if (!source) throw new ClientRefusal(`There is no message ${id} in this chat.`);
  // A copy of a payment would tell the bot of it again, and a copied invoice could not be paid.
  if ("successful_payment" in source || "refunded_payment" in source || "invoice" in source)
    throw new ClientRefusal("Invoices and payments cannot be forwarded.");
  const content = without(source, [
    "message_id",
    "from",
    "chat",
    "date",
    "edit_date",
    "reply_to_message",
    "reply_markup",
  ]);
  const origin: MessageOrigin = { type: "user", sender_user: source.from ?? user, date: source.date };
  return sendAsPerson(telegram, forward, { ...content, forward_origin: source.forward_origin ?? origin });
}

/** The origin of a message from elsewhere: a channel, or a person known by name only. */
function elsewhere(telegram: Telegram, { from, channel }: Forward): MessageOrigin {
  const date = unixSeconds(telegram);
  if (channel === undefined) return { type: "hidden_user", sender_user_name: from ?? "Somebody", date };
  const chat = { id: -1_001_000_000_001, type: "channel" as const, title: channel };
  return { type: "channel", chat, message_id: 1, date };
}

function textOf(text: string): Partial<Message> {
  const entities = detectEntities({ text, entities: [] });
  return { text, ...(entities.length > 0 ? { entities } : {}) };
}

function captionOf(caption: string | undefined): Partial<Message> {
  if (caption === undefined || caption === "") return {};
  const { entities } = textOf(caption);
  return { caption, ...(entities ? { caption_entities: entities } : {}) };
}

function contentOf(kind: FileKind, file: StoredFile): Partial<Message> {
  const basics = { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.bytes };
  const named = { ...basics, file_name: file.name, mime_type: file.mimeType };
  const square = { width: 512, height: 512 };
  switch (kind) {
    case "photo":
      return { photo: [{ ...basics, ...square }] };
    case "document":
      return { document: named };
    case "voice":
      return { voice: { ...basics, duration: 1, mime_type: file.mimeType } };
    case "audio":
      return { audio: { ...named, duration: 1 } };
    case "video":
      return { video: { ...named, ...square, duration: 1 } };
    case "sticker":
      return { sticker: { ...basics, ...square, type: "regular", is_animated: false, is_video: false } };
  }
}

function without(message: Message, fields: readonly string[]): Partial<Message> {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !fields.includes(name)));
}
