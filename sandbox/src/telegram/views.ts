/** Views of messages for clients: the shape of `/sim/transcript` and of the event stream. */
import type { InlineKeyboardButton, Message, MessageEntity, MessageOrigin } from "@grammyjs/types";
import type { InvoiceTerms } from "./stars/star-ledger.ts";
import type { RichSource, StoredMessage, World } from "./world.ts";

export interface MessageView {
  readonly id: number;
  readonly chat: number;
  readonly from: "bot" | "person";
  readonly sender: { readonly id: number; readonly name: string };
  /** Unix seconds. */
  readonly date: number;
  readonly edited: number | null;
  /** Plain text, a caption, or the source of a rich message. */
  readonly text: string;
  readonly entities: readonly MessageEntity[];
  readonly rich: RichSource | null;
  readonly buttons: readonly (readonly InlineKeyboardButton[])[];
  readonly replyTo: { readonly id: number; readonly name: string; readonly text: string } | null;
  readonly files: readonly FileView[];
  readonly reactions: readonly string[];
  readonly invoice: InvoiceView | null;
  /** A payment or refund that this service message is about. */
  readonly payment: PaymentView | null;
  /** The name of a forwarded message's origin. */
  readonly forwardedFrom: string | null;
}

/** What a person sees of an invoice. */
export interface InvoiceView {
  readonly title: string;
  readonly description: string;
  /** Whole Stars. */
  readonly amount: number;
  /** Seconds until the next payment of a subscription; null for a single payment. */
  readonly periodS: number | null;
}

export interface PaymentView {
  readonly kind: "paid" | "refunded";
  /** Whole Stars. */
  readonly amount: number;
  /** Of the invoice. */
  readonly title: string;
}

export interface FileView {
  readonly kind: "photo" | "voice" | "document" | "audio" | "video" | "sticker";
  readonly fileId: string;
  readonly name: string;
  readonly bytes: number;
}

export interface DraftView {
  readonly id: number;
  readonly text: string;
  readonly entities: readonly MessageEntity[];
  readonly rich: RichSource | null;
  readonly canStop: boolean;
  /** Unix milliseconds of the last change. */
  readonly at: number;
}

export function viewMessage(world: World, stored: StoredMessage): MessageView {
  const { message, rich } = stored;
  const reply = message.reply_to_message;
  return {
    id: message.message_id,
    chat: message.chat.id,
    from: message.from?.is_bot ? "bot" : "person",
    sender: { id: message.from?.id ?? 0, name: message.from?.first_name ?? "" },
    date: message.date,
    edited: message.edit_date ?? null,
    text: textOf(stored),
    entities: message.entities ?? message.caption_entities ?? [],
    rich: rich ?? null,
    buttons: message.reply_markup?.inline_keyboard ?? [],
    replyTo: reply ? { id: reply.message_id, name: reply.from?.first_name ?? "", text: replyText(world, reply) } : null,
    files: filesOf(world, message),
    reactions: (stored.reactions ?? []).map((reaction) => (reaction.type === "emoji" ? reaction.emoji : "⭐")),
    invoice: stored.terms ? viewInvoice(stored.terms) : null,
    payment: paymentOf(world, message),
    forwardedFrom: message.forward_origin ? originName(message.forward_origin) : null,
  };
}

/** The terms of an invoice without what only the bot sees. */
export function viewInvoice({ title, description, amount, periodS }: InvoiceTerms): InvoiceView {
  return { title, description, amount, periodS };
}

function paymentOf(
  world: World,
  { successful_payment: paid, refunded_payment: refunded }: Message,
): PaymentView | null {
  const payment = paid ?? refunded;
  if (!payment) return null;
  const title = world.stars.payments.get(payment.telegram_payment_charge_id)?.terms.title ?? "";
  return { kind: paid ? "paid" : "refunded", amount: payment.total_amount, title };
}

/** The message's plain text, rich source or caption. */
export function textOf({ message, rich }: StoredMessage): string {
  return message.text ?? rich?.markdown ?? rich?.html ?? message.caption ?? message.web_app_data?.button_text ?? "";
}

function originName(origin: MessageOrigin): string {
  switch (origin.type) {
    case "user":
      return origin.sender_user.first_name;
    case "hidden_user":
      return origin.sender_user_name;
    case "chat":
      return origin.sender_chat.title ?? "";
    case "channel":
      return origin.chat.title ?? "";
  }
}

function replyText(world: World, reply: Message): string {
  const original = world.message(reply.chat.id, reply.message_id);
  const text = original ? textOf(original) || original.terms?.title : reply.text;
  return (text ?? "").slice(0, 120);
}

function filesOf(world: World, message: Message): FileView[] {
  const parts: [FileView["kind"], string | undefined][] = [
    ["photo", message.photo?.at(-1)?.file_id],
    ["voice", message.voice?.file_id],
    ["document", message.document?.file_id],
    ["audio", message.audio?.file_id],
    ["video", message.video?.file_id],
    ["sticker", message.sticker?.file_id],
  ];
  return parts.flatMap(([kind, fileId]) => {
    if (fileId === undefined) return [];
    const file = world.files.get(fileId);
    return [{ kind, fileId, name: file?.name ?? kind, bytes: file?.bytes ?? 0 }];
  });
}
