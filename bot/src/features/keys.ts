/** /keys: a person's API keys: what each may spend and has spent, a new one, and their end. */
import { createHash, randomUUID } from "node:crypto";
import { Composer, InlineKeyboard } from "grammy";
import { KEYS_MAX, KEY_NAME_CHARS_MAX } from "@starai/protocol/money";
import { ServerRefused, answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";
import { limitText, spentText } from "../payments/limit-words.ts";
import { isPrivate } from "../payments/private-only.ts";
import { readMoney } from "../payments/read-money.ts";
import type { Money } from "../payments/read-money.ts";
import { personOf } from "../person.ts";
import { shorten } from "../streaming/shorten.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { isTapFresh, tellTap } from "../tap-answer.ts";
import { turnTo } from "./settings-page.ts";
import type { Page } from "./settings-page.ts";

/** Of a name on a button, two of which are in a row. */
const BUTTON_CHARS_MAX = 18;
const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

type Key = Awaited<ReturnType<typeof readKeys>>[number];
type Tongue = Pick<BotContext, "t" | "language">;

export function keysFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();

  feature.command("keys", async (ctx) => {
    const telegramId = await askerOf(ctx);
    if (telegramId === null) return;
    const name = ctx.match.trim();
    if (name === "") return reply(ctx, await listPage(deps, ctx, telegramId));
    if (shorten(name, KEY_NAME_CHARS_MAX) !== name)
      return void (await ctx.reply(ctx.t("keys.bad_name", { max: KEY_NAME_CHARS_MAX })));
    const made = await make(deps, telegramId, { name, id: idOfMessage(ctx) });
    await (typeof made === "string" ? ctx.reply(ctx.t(made)) : show(ctx, made));
  });

  feature.callbackQuery("keys", async (ctx) => {
    const telegramId = await askerOf(ctx);
    if (telegramId === null) return;
    await ctx.answerCallbackQuery();
    await turnTo(ctx, await listPage(deps, ctx, telegramId));
  });

  feature.callbackQuery(new RegExp(`^keys:new:(${ID})$`), async (ctx) => {
    const telegramId = await askerOf(ctx);
    if (telegramId === null) return;
    const name = ctx.t("keys.default_name", { date: dateText(new Date(), ctx.language) });
    const made = await make(deps, telegramId, { name, id: ctx.match[1] ?? "" });
    if (typeof made === "string") return tellTap(ctx, ctx.t(made));
    await ctx.answerCallbackQuery();
    await show(ctx, made);
    await turnTo(ctx, await listPage(deps, ctx, telegramId));
  });

  feature.callbackQuery(new RegExp(`^keys:revoke:(${ID})$`), async (ctx) => {
    const telegramId = await askerOf(ctx);
    if (telegramId === null) return;
    const key = (await readKeys(deps, telegramId)).find(({ id }) => id === ctx.match[1]);
    await isTapFresh(ctx, key === undefined ? ctx.t("keys.gone") : undefined);
    await turnTo(ctx, key === undefined ? await listPage(deps, ctx, telegramId) : revokePage(key, ctx));
  });

  feature.callbackQuery(new RegExp(`^keys:end:(${ID})$`), async (ctx) => {
    const telegramId = await askerOf(ctx);
    if (telegramId === null) return;
    const ended = await revoke(deps, telegramId, ctx.match[1] ?? "");
    await isTapFresh(ctx, ctx.t(ended ? "keys.revoked" : "keys.gone"));
    await turnTo(ctx, await listPage(deps, ctx, telegramId));
  });

  feature.callbackQuery("keys:hide", async (ctx) => {
    if ((await askerOf(ctx)) === null) return;
    await ctx.answerCallbackQuery();
    await turnTo(ctx, { text: ctx.t("keys.hidden") });
  });
  return feature;
}

/** Null in a group, where it is said where to ask. */
async function askerOf(ctx: BotContext): Promise<number | null> {
  const person = personOf(ctx);
  return (await isPrivate(ctx)) ? (person?.telegramId ?? null) : null;
}

async function readKeys({ server }: BotDeps, telegramId: number) {
  const param = { telegramId: String(telegramId) };
  return (await answerOf(() => server.api.people[":telegramId"].keys.$get({ param }))).keys;
}

/** The key with its text, or what to say instead. Asked again with the same id, as by a second tap, it makes none. */
async function make({ server }: BotDeps, telegramId: number, json: { name: string; id: string }) {
  const param = { telegramId: String(telegramId) };
  try {
    return await answerOf(() => server.api.people[":telegramId"].keys.$post({ param, json }));
  } catch (error) {
    if (!(error instanceof ServerRefused)) throw error;
    if (error.code === "not_found") return "keys.nobody";
    if (error.code === "conflict") return error.param === "id" ? "keys.made_already" : "keys.too_many";
    throw error;
  }
}

/** False when it is not theirs; a key revoked already is ended all the same. */
async function revoke({ server }: BotDeps, telegramId: number, id: string): Promise<boolean> {
  const param = { telegramId: String(telegramId), id };
  try {
    await answerOf(() => server.api.people[":telegramId"].keys[":id"].$delete({ param }));
    return true;
  } catch (error) {
    if (error instanceof ServerRefused && error.code === "not_found") return false;
    throw error;
  }
}

/** A message repeated by Telegram or by our own start is the same request. */
function idOfMessage({ me, chat, msg }: BotContext): string {
  const hex = createHash("sha256").update(`${me.id} ${chat?.id} ${msg?.message_id}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The only time that a key's text is seen: behind a spoiler, with a button that copies it and one that takes it away. */
async function show(ctx: BotContext, { name, key, dayCap }: { name: string; key: string; dayCap: number }) {
  const text = ctx.t("keys.made", { name: escapeHtml(name), cap: limitText(dayCap, ctx.language) });
  await ctx.reply(`${text}\n\n<tg-spoiler>${key}</tg-spoiler>`, {
    parse_mode: "HTML",
    reply_markup: new InlineKeyboard().copyText(ctx.t("keys.copy"), key).text(ctx.t("keys.hide"), "keys:hide"),
  });
}

async function reply(ctx: BotContext, { text, keyboard }: Pick<Page, "text"> & Partial<Page>): Promise<void> {
  await ctx.reply(text, { parse_mode: "HTML", ...(keyboard ? { reply_markup: keyboard } : {}) });
}

async function listPage(deps: BotDeps, ctx: Tongue, telegramId: number): Promise<Pick<Page, "text"> & Partial<Page>> {
  const money = await readMoney(deps, telegramId);
  if (money === null) return { text: ctx.t("keys.nobody") };
  const keys = await readKeys(deps, telegramId);
  const lines = keys.map((key) => lineOf(key, money, ctx));
  const list = lines.length === 0 ? ctx.t("keys.none") : lines.join("\n");
  return {
    text: [ctx.t("keys.title"), list, ctx.t("keys.about")].join("\n\n"),
    keyboard: listKeyboard(keys, ctx),
  };
}

function lineOf({ name, dayCap, spentToday, createdAt }: Key, money: Money, { t, language }: Tongue): string {
  return t("keys.line", {
    name: escapeHtml(shorten(name, KEY_NAME_CHARS_MAX)),
    spent: spentText(spentToday, money, language),
    cap: limitText(dayCap, language),
    date: dateText(new Date(createdAt), language),
  });
}

/** The id of the key that "New key" will make is in its button: tapped twice it makes one. */
function listKeyboard(keys: readonly Key[], { t }: Tongue): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  if (keys.length < KEYS_MAX) keyboard.text(t("keys.new"), `keys:new:${randomUUID()}`);
  for (const [at, { id, name }] of keys.entries()) {
    if (at % 2 === 0) keyboard.row();
    keyboard.text(t("keys.revoke", { name: shorten(name, BUTTON_CHARS_MAX) }), `keys:revoke:${id}`);
  }
  return keyboard;
}

function revokePage({ id, name }: Key, { t }: Tongue): Page {
  const keyboard = new InlineKeyboard()
    .text(t("keys.revoke_button"), `keys:end:${id}`)
    .row()
    .text(t("keys.keep"), "keys");
  return { text: t("keys.question", { name: escapeHtml(name) }), keyboard };
}

function dateText(date: Date, language: BotContext["language"]): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(date);
}
