/** The steps button under an answer: how the agent got there, as a folded quote. */
import { Composer } from "grammy";
import { isLabel } from "@starai/protocol/runs";
import type { Step } from "@starai/protocol/runs";
import type { Translate } from "@starai/protocol/texts";
import { placeOf } from "../chat-place.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { runOfChat } from "../run-of-chat.ts";
import { shorten } from "../streaming/shorten.ts";
import { escapeHtml } from "../streaming/telegram-html.ts";
import { tellTap } from "../tap-answer.ts";

/** Limit for one thought, one call or one observation. */
const ENTRY_CHARS_MAX = 300;
/** Limit for all steps: Telegram's 4,096 less room for the title. */
const STEPS_CHARS_MAX = 3_800;

export function stepsFeature({ server }: BotDeps): Composer<BotContext> {
  const feature = new Composer<BotContext>();
  feature.callbackQuery(/^steps:([0-9a-f-]{36})$/, async (ctx) => {
    const place = placeOf(ctx);
    const run = place && (await runOfChat(server, place, ctx.match[1] ?? ""));
    if (!run) return tellTap(ctx, ctx.t("button.stale"));
    await ctx.answerCallbackQuery();
    const steps = run.steps.length === 0 ? ctx.t("steps.none") : quote(run.steps, ctx.t);
    const message = ctx.callbackQuery.message?.message_id;
    await ctx.reply(`<b>${escapeHtml(ctx.t("steps.title"))}</b>\n<blockquote expandable>${steps}</blockquote>`, {
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
      ...(message === undefined
        ? {}
        : { reply_parameters: { message_id: message, allow_sending_without_reply: true } }),
    });
  });
  return feature;
}

/** HTML of the steps; the last ones are left out if they do not fit. */
function quote(steps: readonly Step[], t: Translate): string {
  const entries: string[] = [];
  let length = 0;
  for (const step of steps) {
    const entry = describe(step, t);
    length += entry.length + 2;
    if (length > STEPS_CHARS_MAX) {
      entries.push("…");
      break;
    }
    entries.push(entry);
  }
  return entries.map(escapeHtml).join("\n\n");
}

function describe(step: Step, t: Translate): string {
  // A label has no information for a reader, and is in English in every language.
  const lines = [`${step.index + 1}. ${isLabel(step.thought) ? "" : short(step.thought)}`.trimEnd()];
  const { action, observation } = step;
  if (action.kind === "tool") lines.push(short(`${action.tool}(${JSON.stringify(action.args)})`));
  if (action.kind === "ask_user") lines.push(short(t("steps.asked", { question: action.question })));
  if (action.kind === "final_answer") lines.push(t("steps.answered"));
  if (observation) lines.push(short(`${observation.ok ? "→" : "✗"} ${observation.text}`));
  if (step.attempts > 1) lines.push(t("steps.moved", { count: step.attempts - 1 }));
  return lines.join("\n");
}

function short(text: string): string {
  return shorten(text, ENTRY_CHARS_MAX);
}
