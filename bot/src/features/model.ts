/** /model, also a page of /settings: the models that are online, one button each; the chosen one is marked. */
import { Composer, InlineKeyboard } from "grammy";
import type { Translate } from "@starai/protocol/texts";
import { answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";
import { personOf } from "../person.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { turnTo } from "./settings-page.ts";
import type { Page } from "./settings-page.ts";

/** Most buttons of the keyboard; more would be hard to choose from. */
const BUTTONS_MAX = 12;
/** Callback data holds 64 bytes and a model's id can be longer, so buttons name the file by its hash's beginning. */
const HASH_CHARS = 16;

export type Models = Awaited<ReturnType<typeof readModels>>;
type Model = Models["models"][number];

export function modelFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();

  feature.command("model", async (ctx) => {
    const person = personOf(ctx);
    if (!person) return;
    const menu = menuOf(await readModels(deps, person.telegramId), ctx.t);
    await ctx.reply(menu.text, { parse_mode: "HTML", reply_markup: menu.keyboard });
  });

  feature.callbackQuery("settings:model", async (ctx) => {
    const person = personOf(ctx);
    if (!person) return;
    await ctx.answerCallbackQuery();
    await turnTo(ctx, menuOf(await readModels(deps, person.telegramId), ctx.t));
  });

  feature.callbackQuery(/^model:([0-9a-f]{16})$/, async (ctx) => {
    const person = personOf(ctx);
    if (!person) return;
    const models = await readModels(deps, person.telegramId);
    const model = models.models.find(({ sha256, online }) => online && sha256.startsWith(ctx.match[1] ?? "-"));
    if (model) await choose(deps, person, model.id);
    await ctx.answerCallbackQuery({ text: model ? ctx.t("model.chosen", { name: model.name }) : ctx.t("model.gone") });
    await turnTo(ctx, menuOf(model ? { ...models, choice: { model: model.id, chosen: true } } : models, ctx.t));
  });
  return feature;
}

export async function readModels({ server }: BotDeps, telegramId: number) {
  const param = { telegramId: String(telegramId) };
  const [list, choice] = await Promise.all([
    answerOf(() => server.api.models.$get()),
    answerOf(() => server.api.people[":telegramId"].model.$get({ param })),
  ]);
  return { ...list, choice };
}

async function choose(
  { server }: BotDeps,
  person: { telegramId: number; name: string; language: string },
  model: string,
) {
  const { telegramId, ...fields } = person;
  const param = { telegramId: String(telegramId) };
  await answerOf(() => server.api.people[":telegramId"].model.$put({ param, json: { ...fields, model } }));
}

/** The name of the model that answers now. */
export function modelNow({ models, choice }: Models): string {
  return models.find(({ id }) => id === choice.model)?.name ?? choice.model;
}

/** The fastest model comes first. */
function menuOf(all: Models, t: Translate): Page {
  const { models, choice } = all;
  const online = models
    .filter((model) => model.online !== null)
    .sort((a, b) => (b.online?.decodeTokensPerS ?? 0) - (a.online?.decodeTokensPerS ?? 0))
    .slice(0, BUTTONS_MAX);
  const keyboard = new InlineKeyboard();
  for (const model of online) {
    const mark = model.id === choice.model ? "✓ " : "";
    keyboard.text(mark + labelOf(model, t), `model:${model.sha256.slice(0, HASH_CHARS)}`).row();
  }
  keyboard.text(t("settings.back"), "settings");
  const text = t(online.length === 0 ? "model.none" : "model.title", { model: escapeHtml(modelNow(all)) });
  return { text, keyboard };
}

function labelOf({ name, online }: Model, t: Translate): string {
  const machines = t("model.machines", { count: online?.workers ?? 0 });
  const pace = online?.decodeTokensPerS ?? null;
  const speed = pace === null ? [] : [t("model.speed", { speed: Math.round(pace) })];
  return [name, ...speed, machines].join(" · ");
}
