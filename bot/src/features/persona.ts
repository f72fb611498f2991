/** /persona: how the answers of this conversation are written; presets by button, own words after the command. */
import { Composer, InlineKeyboard } from "grammy";
import { INSTRUCTIONS_CHARS_MAX, PERSONAS } from "@starai/protocol/personas";
import type { Persona } from "@starai/protocol/personas";
import type { Translate } from "@starai/protocol/texts";
import { answerOf } from "@starai/server/client";
import { chatName, placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { decides } from "../group-admin.ts";
import { personOf } from "../person.ts";
import { shorten } from "../streaming/shorten.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { tellTap } from "../tap-answer.ts";
import { turnTo } from "./settings-page.ts";
import type { Page } from "./settings-page.ts";

/** Characters of the person's instructions shown: enough to recognise them. */
const SHOWN_CHARS_MAX = 300;

export interface Manner {
  persona: string | null;
  /** The person's own words; empty when there are none. */
  instructions: string;
}

export function personaFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();

  feature.command("persona", async (ctx) => {
    const chat = chatOf(ctx);
    if (chat === null) return;
    const words = ctx.match.trim();
    if (words.length > INSTRUCTIONS_CHARS_MAX)
      return void (await ctx.reply(ctx.t("persona.too_long", { max: INSTRUCTIONS_CHARS_MAX, length: words.length })));
    if (words !== "" && !(await decides(ctx))) return void (await ctx.reply(ctx.t("group.admins_only")));
    const wish = presetNamed(words, ctx.t) ?? { instructions: words };
    const manner = words === "" ? await readPersona(deps, chat) : await change(deps, ctx, wish);
    const page = pageOf(manner, ctx.t);
    await ctx.reply(page.text, { parse_mode: "HTML", reply_markup: page.keyboard });
  });

  feature.callbackQuery("settings:persona", async (ctx) => {
    const chat = chatOf(ctx);
    if (chat === null) return;
    await ctx.answerCallbackQuery();
    await turnTo(ctx, pageOf(await readPersona(deps, chat), ctx.t));
  });

  feature.callbackQuery(/^persona:(\w+)$/, async (ctx) => {
    const wish = wishOf(ctx.match[1] ?? "");
    if (wish === null) return tellTap(ctx, ctx.t("button.stale"));
    if (!(await decides(ctx))) return tellTap(ctx, ctx.t("group.admins_only"));
    const manner = await change(deps, ctx, wish);
    await ctx.answerCallbackQuery({ text: ctx.t("persona.chosen", { name: personaName(manner, ctx.t) }) });
    await turnTo(ctx, pageOf(manner, ctx.t));
  });
  return feature;
}

/** Parses a button's data: a preset, no preset, or a request to clear the instructions. */
function wishOf(word: string): { persona: Persona | null } | { instructions: "" } | null {
  if (word === "none") return { persona: null };
  if (word === "forget") return { instructions: "" };
  const persona = PERSONAS.find((id) => id === word);
  return persona === undefined ? null : { persona };
}

/** The preset whose name the words are; such words are not an instruction. */
function presetNamed(words: string, t: Translate): { persona: Persona | null } | null {
  const word = words.toLowerCase();
  const isCalled = (id: Persona | "plain") => word === id || word === t(`persona.${id}.name`).toLowerCase();
  if (isCalled("plain")) return { persona: null };
  const persona = PERSONAS.find(isCalled);
  return persona === undefined ? null : { persona };
}

/** `thread` is null in a chat where there is none yet. */
export function readPersona({ server }: BotDeps, chat: string): Promise<Manner & { thread: string | null }> {
  return answerOf(() => server.api.chats[":chat"].persona.$get({ param: { chat } }));
}

async function change(
  { server }: BotDeps,
  ctx: BotContext,
  wish: { persona?: Persona | null; instructions?: string },
): Promise<Manner> {
  const chat = chatOf(ctx);
  const person = personOf(ctx);
  if (chat === null || person === null) throw new Error("the update of a command has no chat or no sender");
  return answerOf(() => server.api.chats[":chat"].persona.$put({ param: { chat }, json: { person, ...wish } }));
}

/** The preset's name, with a mark if there are own instructions too. */
export function personaName({ persona, instructions }: Manner, t: Translate): string {
  const preset = presetOf(persona);
  const name = t(`persona.${preset}.name`);
  if (instructions === "") return name;
  return preset === "plain" ? t("persona.own") : `${name} + ${t("persona.own")}`;
}

/** The preset; `plain` for none, or for one that no longer exists. */
function presetOf(persona: string | null): Persona | "plain" {
  return PERSONAS.find((id) => id === persona) ?? "plain";
}

function pageOf(manner: Manner, t: Translate): Page {
  const keyboard = new InlineKeyboard();
  keyboard.text(mark(manner.persona === null) + t("persona.plain.name"), "persona:none");
  PERSONAS.forEach((id, index) => {
    if (index % 2 === 1) keyboard.row();
    keyboard.text(mark(manner.persona === id) + t(`persona.${id}.name`), `persona:${id}`);
  });
  if (manner.instructions !== "") keyboard.row().text(t("persona.forget"), "persona:forget");
  keyboard.row().text(t("settings.back"), "settings");
  return { text: textOf(manner, t), keyboard };
}

function mark(chosen: boolean): string {
  return chosen ? "✓ " : "";
}

function textOf({ persona, instructions }: Manner, t: Translate): string {
  const about = t(`persona.${presetOf(persona)}.about`);
  const own =
    instructions === ""
      ? t("persona.how", { max: INSTRUCTIONS_CHARS_MAX })
      : `${t("persona.own")}: <i>${escapeHtml(shorten(instructions, SHOWN_CHARS_MAX))}</i>`;
  return [t("persona.title"), `${t("persona.now")} ${escapeHtml(about)}`, own].join("\n\n");
}

function chatOf(ctx: BotContext): string | null {
  const place = placeOf(ctx);
  return place && chatName(place);
}
