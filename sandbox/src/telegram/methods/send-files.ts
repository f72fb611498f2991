/** Methods that send photos, voices and documents: stored, shown as a file bubble, and returned by getFile. */
import { z } from "zod";
import type { Document, Message, PhotoSize, Voice } from "@grammyjs/types";
import { inlineKeyboard } from "../check-keyboard.ts";
import { formatText } from "../entities/format-text.ts";
import { method } from "../method.ts";
import type { Call } from "../method.ts";
import { ChatId, Entities, Integer, jsonObject, ReplyMarkup, ReplyParameters, Text } from "../parameters.ts";
import { chatToWriteTo, sendAsBot } from "../send.ts";
import { TelegramError } from "../telegram-error.ts";
import type { Telegram } from "../telegram.ts";
import type { StoredFile } from "../world.ts";
import { countCharacters } from "../entities/formatted-text.ts";

const CAPTION_CHARACTERS_MAX = 1_024;
const DOWNLOAD_BYTES_MAX = 20 * 1024 * 1024;

const Common = {
  chat_id: ChatId,
  caption: Text.default(""),
  parse_mode: Text.optional(),
  caption_entities: Entities.optional(),
  reply_markup: ReplyMarkup.optional(),
  reply_parameters: ReplyParameters.optional(),
};
type Common = z.infer<z.ZodObject<typeof Common>>;
const GroupItem = z.looseObject({
  type: z.enum(["photo", "document", "audio", "video"]),
  media: z.string(),
  caption: z.string().optional(),
  parse_mode: z.string().optional(),
});

export const sendFiles = [
  method("sendPhoto", z.object({ ...Common, photo: Text.optional() }), async (telegram, p, call) => {
    const photo = [photoSize(await fileOf(telegram, "photo", p.photo, call))];
    return { ...sendFile(telegram, p, { photo }), photo };
  }),
  method(
    "sendVoice",
    z.object({ ...Common, voice: Text.optional(), duration: Integer.optional() }),
    async (telegram, p, call) => {
      const file = await fileOf(telegram, "voice", p.voice, call);
      const voice: Voice = { ...basics(file), duration: p.duration ?? 0, mime_type: file.mimeType };
      return { ...sendFile(telegram, p, { voice }), voice };
    },
  ),
  method("sendDocument", z.object({ ...Common, document: Text.optional() }), async (telegram, p, call) => {
    const document = documentOf(await fileOf(telegram, "document", p.document, call));
    return { ...sendFile(telegram, p, { document }), document };
  }),
  method(
    "sendMediaGroup",
    z.object({
      chat_id: ChatId,
      media: jsonObject("media", z.array(GroupItem).min(2).max(10)),
      reply_parameters: ReplyParameters.optional(),
    }),
    async (telegram, p, call) => {
      const media_group_id = String(telegram.clock());
      const sent = [];
      for (const item of p.media) {
        const file = await fileOf(telegram, "media", item.media, call);
        const content = item.type === "photo" ? { photo: [photoSize(file)] } : { document: documentOf(file) };
        const common = {
          chat_id: p.chat_id,
          caption: item.caption ?? "",
          parse_mode: item.parse_mode,
          reply_parameters: p.reply_parameters,
        };
        sent.push(sendFile(telegram, common, { ...content, media_group_id }));
      }
      return sent as (Message.PhotoMessage | Message.DocumentMessage)[];
    },
  ),
  method("getFile", z.object({ file_id: Text.default("") }), (telegram, p) => {
    const file = telegram.world.files.get(p.file_id);
    if (!file) throw TelegramError.badRequest("invalid file_id");
    if (file.bytes > DOWNLOAD_BYTES_MAX) throw TelegramError.badRequest("file is too big");
    return {
      file_id: file.fileId,
      file_unique_id: file.uniqueId,
      file_size: file.bytes,
      file_path: `files/${file.fileId}`,
    };
  }),
];

type FileParameters = Pick<Common, "chat_id" | "caption"> & Partial<Common>;

function sendFile(telegram: Telegram, p: FileParameters, content: Partial<Message>): Message {
  const caption = formatText(p.caption, p.parse_mode, p.caption_entities);
  if (countCharacters(caption.text) > CAPTION_CHARACTERS_MAX)
    throw TelegramError.badRequest("message caption is too long");
  const chat = chatToWriteTo(telegram, p.chat_id);
  return sendAsBot(telegram, chat, {
    content: {
      ...content,
      ...(caption.text === "" ? {} : { caption: caption.text }),
      ...(caption.entities.length > 0 ? { caption_entities: caption.entities } : {}),
    },
    keyboard: inlineKeyboard(p.reply_markup, chat.id),
    replyTo: p.reply_parameters,
  });
}

/** The file of an upload, an `attach://` name or an earlier file's id. Refuses links, since nothing may be fetched. */
async function fileOf(telegram: Telegram, field: string, value: string | undefined, call: Call): Promise<StoredFile> {
  const upload = call.uploads.get(value?.startsWith("attach://") ? value.slice("attach://".length) : field);
  if (upload) {
    const file = await telegram.files.save(upload);
    telegram.commit({ kind: "file", file });
    return file;
  }
  const known = value === undefined ? undefined : telegram.world.files.get(value);
  if (known) return known;
  if (value === undefined || value === "") throw TelegramError.badRequest(`there is no ${field} in the request`);
  if (/^https?:/i.test(value)) throw TelegramError.badRequest("failed to get HTTP URL content");
  throw TelegramError.badRequest("wrong file identifier/HTTP URL specified");
}

function basics(file: StoredFile): { file_id: string; file_unique_id: string; file_size: number } {
  return { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.bytes };
}

function photoSize(file: StoredFile): PhotoSize {
  return { ...basics(file), width: 0, height: 0 };
}

function documentOf(file: StoredFile): Document {
  return { ...basics(file), file_name: file.name, mime_type: file.mimeType };
}
