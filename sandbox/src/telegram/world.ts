/**
 * State of the simulated Telegram: people, chats, messages, queued updates and the bot's settings. It changes only by
 * records, which the journal stores; replaying them restores the state.
 */
import type {
  BotCommand,
  BotCommandScope,
  Chat,
  KeyboardButton,
  MenuButton,
  Message,
  ReactionType,
  Update,
  User,
} from "@grammyjs/types";
import { StarLedger } from "./stars/star-ledger.ts";
import type { InvoiceTerms, StarRecord } from "./stars/star-ledger.ts";

/** A message as the bot sees it, with what clients show beyond that. */
export interface StoredMessage {
  readonly message: Message;
  /** The source a rich message was sent as. */
  readonly rich?: RichSource;
  /** Reactions the bot set. */
  readonly reactions?: readonly ReactionType[];
  /** What an invoice asks for. */
  readonly terms?: InvoiceTerms;
}
export interface RichSource {
  readonly markdown?: string;
  readonly html?: string;
  readonly rtl?: boolean;
}

export interface StoredFile {
  readonly fileId: string;
  readonly uniqueId: string;
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: number;
}

export interface Webhook {
  readonly url: string;
  readonly secret: string | null;
  readonly maxConnections: number;
}

export interface CommandList {
  readonly scope: BotCommandScope;
  readonly language: string;
  readonly commands: readonly BotCommand[];
}

/** The keyboard a chat shows instead of a phone's own. */
export interface ChatKeyboard {
  readonly rows: readonly (readonly KeyboardButton[])[];
  /** Whether the first press hides it. */
  readonly once: boolean;
}

export type UpdateKind = Exclude<keyof Update, "update_id">;

export type WorldRecord =
  | { kind: "user"; user: User }
  | { kind: "chat"; chat: Chat }
  | { kind: "message"; stored: StoredMessage }
  | { kind: "deleted"; chat: number; message: number }
  | { kind: "last-message"; chat: number; message: number }
  | { kind: "update"; update: Update }
  | { kind: "confirmed"; update: number }
  | { kind: "last-update"; update: number }
  | { kind: "blocked"; user: number; blocked: boolean }
  | { kind: "admin"; chat: number; user: number; admin: boolean }
  | { kind: "moved"; chat: number; to: number }
  | { kind: "webhook"; webhook: Webhook | null }
  | { kind: "allowed-updates"; kinds: UpdateKind[] | null }
  | { kind: "commands"; list: CommandList }
  | { kind: "menu-button"; chat: number | null; button: MenuButton }
  | { kind: "keyboard"; chat: number; keyboard: ChatKeyboard | null }
  | { kind: "text"; what: "name" | "description" | "short_description"; language: string; text: string }
  | { kind: "file"; file: StoredFile }
  | StarRecord;

/** Older messages of a chat are dropped: enough for a year of one person's questions, few enough to draw. */
export const MESSAGES_PER_CHAT_MAX = 2_000;
/** Telegram keeps updates for a day; a bot that is away longer than this many loses the oldest. */
export const PENDING_UPDATES_MAX = 10_000;

export class World {
  readonly users = new Map<number, User>();
  readonly chats = new Map<number, Chat>();
  readonly messages = new Map<number, Map<number, StoredMessage>>();
  readonly lastMessageIds = new Map<number, number>();
  readonly pending = new Map<number, Update>();
  readonly blockedBy = new Set<number>();
  /** Administrators of groups, as `chat/user`. */
  readonly admins = new Set<string>();
  /** Ids of groups that became supergroups, with their new ids. */
  readonly moved = new Map<number, number>();
  readonly commands = new Map<string, CommandList>();
  readonly menuButtons = new Map<number | null, MenuButton>();
  readonly keyboards = new Map<number, ChatKeyboard>();
  readonly texts = new Map<
    string,
    { what: "name" | "description" | "short_description"; language: string; text: string }
  >();
  readonly files = new Map<string, StoredFile>();
  readonly stars = new StarLedger();
  webhook: Webhook | null = null;
  allowedUpdates: UpdateKind[] | null = null;
  lastUpdateId = 0;

  apply(record: WorldRecord): void {
    switch (record.kind) {
      case "user":
        this.users.set(record.user.id, record.user);
        return;
      case "chat":
        this.chats.set(record.chat.id, record.chat);
        return;
      case "message":
        return this.#keepMessage(record.stored);
      case "deleted":
        this.messages.get(record.chat)?.delete(record.message);
        return;
      case "last-message":
        this.lastMessageIds.set(record.chat, record.message);
        return;
      case "update":
        this.pending.set(record.update.update_id, record.update);
        this.lastUpdateId = Math.max(this.lastUpdateId, record.update.update_id);
        dropOldest(this.pending, PENDING_UPDATES_MAX);
        return;
      case "confirmed":
        this.pending.delete(record.update);
        return;
      case "last-update":
        this.lastUpdateId = Math.max(this.lastUpdateId, record.update);
        return;
      case "blocked":
        if (record.blocked) this.blockedBy.add(record.user);
        else this.blockedBy.delete(record.user);
        return;
      case "admin":
        if (record.admin) this.admins.add(`${record.chat}/${record.user}`);
        else this.admins.delete(`${record.chat}/${record.user}`);
        return;
      case "moved":
        this.moved.set(record.chat, record.to);
        return;
      case "webhook":
        this.webhook = record.webhook;
        return;
      case "allowed-updates":
        this.allowedUpdates = record.kinds;
        return;
      case "commands":
        this.commands.set(commandKey(record.list.scope, record.list.language), record.list);
        return;
      case "menu-button":
        this.menuButtons.set(record.chat, record.button);
        return;
      case "keyboard":
        if (record.keyboard) this.keyboards.set(record.chat, record.keyboard);
        else this.keyboards.delete(record.chat);
        return;
      case "text":
        this.texts.set(`${record.what}/${record.language}`, record);
        return;
      case "file":
        this.files.set(record.file.fileId, record.file);
        return;
      case "star-balance":
      case "invoice-link":
      case "star-payment":
      case "star-refund":
      case "star-subscription":
        return this.stars.apply(record);
      default:
        record satisfies never;
    }
  }

  /** The records that rebuild this state from an empty one. */
  *records(): Generator<WorldRecord> {
    for (const user of this.users.values()) yield { kind: "user", user };
    for (const chat of this.chats.values()) yield { kind: "chat", chat };
    for (const chat of this.messages.values()) for (const stored of chat.values()) yield { kind: "message", stored };
    for (const [chat, message] of this.lastMessageIds) yield { kind: "last-message", chat, message };
    for (const update of this.pending.values()) yield { kind: "update", update };
    yield { kind: "last-update", update: this.lastUpdateId };
    for (const user of this.blockedBy) yield { kind: "blocked", user, blocked: true };
    for (const admin of this.admins) {
      const [chat, user] = admin.split("/").map(Number);
      if (chat !== undefined && user !== undefined) yield { kind: "admin", chat, user, admin: true };
    }
    for (const [chat, to] of this.moved) yield { kind: "moved", chat, to };
    if (this.webhook) yield { kind: "webhook", webhook: this.webhook };
    if (this.allowedUpdates) yield { kind: "allowed-updates", kinds: this.allowedUpdates };
    for (const list of this.commands.values()) yield { kind: "commands", list };
    for (const [chat, button] of this.menuButtons) yield { kind: "menu-button", chat, button };
    for (const [chat, keyboard] of this.keyboards) yield { kind: "keyboard", chat, keyboard };
    for (const text of this.texts.values()) yield { kind: "text", ...text };
    for (const file of this.files.values()) yield { kind: "file", file };
    yield* this.stars.records();
  }

  nextMessageId(chat: number): number {
    return (this.lastMessageIds.get(chat) ?? 0) + 1;
  }

  message(chat: number, id: number): StoredMessage | undefined {
    return this.messages.get(chat)?.get(id);
  }

  #keepMessage(stored: StoredMessage): void {
    const { chat, message_id: id } = stored.message;
    let kept = this.messages.get(chat.id);
    if (!kept) this.messages.set(chat.id, (kept = new Map()));
    kept.set(id, stored);
    dropOldest(kept, MESSAGES_PER_CHAT_MAX);
    this.lastMessageIds.set(chat.id, Math.max(id, this.lastMessageIds.get(chat.id) ?? 0));
  }
}

export function commandKey(scope: BotCommandScope, language: string): string {
  return `${JSON.stringify(scope)}/${language}`;
}

function dropOldest<Key>(map: Map<Key, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size <= max) return;
    map.delete(key);
  }
}
