/**
 * Parameters as the Bot API accepts them: query, form, multipart or JSON, where numbers, flags and objects may also be
 * text. Error messages are the schemas' own, so each schema below has Telegram's.
 */
import { z } from "zod";
import type { InputRichMessage, MessageEntity } from "@grammyjs/types";
import { TelegramError } from "./telegram-error.ts";

export type RawParameters = Record<string, unknown>;

const fromText = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  return /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value;
};

export const Integer = z.preprocess(fromText, z.int());
export const Flag = z.preprocess(
  (value) =>
    value === "true" || value === "True" || value === "1" || value === 1
      ? true
      : value === "false" || value === "False" || value === "0" || value === 0
        ? false
        : value,
  z.boolean(),
);
export const Text = z.preprocess((value) => (typeof value === "number" ? String(value) : value), z.string());
export const ChatId = z.preprocess(
  fromText,
  z.union([z.int().refine((id) => id !== 0), z.string().regex(/^@\w+$/)], { error: "chat_id is empty" }),
);
export const MessageId = z.preprocess(fromText, z.int({ error: "message identifier is not specified" }));

/** A Bot API object: JSON text or the object itself. `what` names it in the refusal. */
export function jsonObject<Shape extends z.ZodType>(what: string, shape: Shape) {
  return z.preprocess(
    (value) => {
      if (typeof value !== "string") return value;
      try {
        return JSON.parse(value) as unknown;
      } catch {
        return value;
      }
    },
    z.unknown().transform((value, context) => {
      const parsed = shape.safeParse(value);
      if (parsed.success) return parsed.data;
      const custom = parsed.error.issues.find((issue) => issue.code === "custom");
      context.addIssue({ code: "custom", message: custom?.message ?? `can't parse ${what} JSON object` });
      return z.NEVER;
    }),
  );
}

export const ReplyParameters = jsonObject(
  "reply parameters",
  z.looseObject({ message_id: z.int().optional(), allow_sending_without_reply: z.boolean().optional() }),
);

const loose = z.looseObject({});
/** Any object; `check-keyboard.ts` validates the keyboard. */
export const ReplyMarkup = jsonObject("reply keyboard markup", loose);
export const Entities = jsonObject("entities", z.array(loose)).transform(
  (value) => value as unknown as MessageEntity[],
);
export const RichMessageInput = jsonObject(
  "rich message",
  z.looseObject({
    markdown: z.string().optional(),
    html: z.string().optional(),
    blocks: z.array(loose).optional(),
    is_rtl: z.boolean().optional(),
    skip_entity_detection: z.boolean().optional(),
  }),
).transform((value) => value as unknown as InputRichMessage<string>);

/** @throws Telegram's 400 for the first fault. Unknown parameters are ignored, as by Telegram. */
export function parseParameters<Shape extends z.ZodType>(shape: Shape, raw: RawParameters): z.infer<Shape> {
  if (!isWellFormed(raw)) throw TelegramError.badRequest("strings must be encoded in UTF-8");
  const parsed = shape.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const ours = issue !== undefined && !/^(Invalid|Too|Unrecognized)/.test(issue.message);
  const where = issue?.path.join(".") ?? "";
  throw TelegramError.badRequest(ours ? issue.message : `parameter "${where}" is invalid: ${issue?.message ?? ""}`);
}

/** Whether the text has no lone surrogates: JSON can contain half an emoji, UTF-8 cannot. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  return typeof value !== "object" || value === null || Object.values(value).every(isWellFormed);
}
