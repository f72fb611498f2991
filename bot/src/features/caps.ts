/** /caps: the most that one answer and one day may cost, and what was spent today; a button for each usual amount. */
import { Composer, InlineKeyboard } from "grammy";
import type { Caps } from "@starai/protocol/money";
import { answerOf } from "@starai/server/client";
import type { BotContext, BotDeps } from "../context.ts";
import { limitText, spentText } from "../payments/limit-words.ts";
import { isPrivate } from "../payments/private-only.ts";
import { readMoney } from "../payments/read-money.ts";
import type { Money } from "../payments/read-money.ts";
import { personOf } from "../person.ts";
import { tellTap } from "../tap-answer.ts";
import { turnTo } from "./settings-page.ts";
import type { Page } from "./settings-page.ts";

/** In micro-dollars; others can be set in the app. */
const OFFERED = {
  answer: [10_000, 20_000, 50_000, 200_000],
  day: [500_000, 1_000_000, 2_000_000, 5_000_000],
} as const satisfies Record<keyof Caps, readonly number[]>;
/** Amounts in a row of buttons. */
const ROW = 2;

type Tongue = Pick<BotContext, "t" | "language">;

export function capsFeature(deps: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.command("caps", async (ctx) => {
    const person = personOf(ctx);
    if (!(await isPrivate(ctx)) || person === null) return;
    const money = await readMoney(deps, person.telegramId);
    if (money === null) return void (await ctx.reply(ctx.t("keys.nobody")));
    const page = pageOf(money, ctx);
    await ctx.reply(page.text, { parse_mode: "HTML", reply_markup: page.keyboard });
  });
  feature.callbackQuery(/^caps:(answer|day):(\d{1,10})$/, async (ctx) => {
    const person = personOf(ctx);
    const wish = wishOf(ctx.match[1], Number(ctx.match[2]));
    if (!(await isPrivate(ctx)) || person === null) return;
    const lane = `caps:${person.telegramId}`;
    if (wish === null || deps.lanes.isFull(lane)) return tellTap(ctx, ctx.t("button.stale"));
    // One after another, because both limits are sent: of two taps at once the second must know of the first.
    await deps.lanes.run(lane, async () => {
      const money = await change(deps, person.telegramId, wish);
      if (money === null) return tellTap(ctx, ctx.t("keys.nobody"));
      await ctx.answerCallbackQuery({ text: ctx.t("caps.saved") });
      await turnTo(ctx, pageOf(money, ctx));
    });
  });
  return feature;
}

/** Null for an amount that no button offers. */
function wishOf(which: string | undefined, microUsd: number): Partial<Caps> | null {
  const cap = which === "answer" ? "answer" : "day";
  return OFFERED[cap].some((one) => one === microUsd) ? { [cap]: microUsd } : null;
}

/** Null when there is no such person. */
async function change({ server }: BotDeps, telegramId: number, wish: Partial<Caps>): Promise<Money | null> {
  const money = await readMoney({ server }, telegramId);
  if (money === null) return null;
  const param = { telegramId: String(telegramId) };
  return answerOf(() => server.api.people[":telegramId"].caps.$put({ param, json: { ...money.caps, ...wish } }));
}

function pageOf(money: Money, { t, language }: Tongue): Page {
  const { caps } = money;
  const keyboard = new InlineKeyboard();
  for (const cap of ["answer", "day"] as const)
    for (const [at, microUsd] of OFFERED[cap].entries()) {
      if (at % ROW === 0) keyboard.row();
      const mark = caps[cap] === microUsd ? "✓ " : "";
      keyboard.text(mark + t(`caps.${cap}_button`, { cap: limitText(microUsd, language) }), `caps:${cap}:${microUsd}`);
    }
  const text = t("caps.text", {
    answer: limitText(caps.answer, language),
    day: limitText(caps.day, language),
    spent: spentText(money.spentToday, money, language),
  });
  return { text, keyboard };
}
