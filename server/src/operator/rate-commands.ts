/** The coin's rate: shown with its age and sources, and confirmed after it was stopped. */
import { currentRate } from "../prices/rate.ts";
import type { CurrentRate, Rate } from "../prices/rate.ts";
import { confirmRate } from "../rates/confirm-rate.ts";
import { latestRates } from "../rates/rate-rows.ts";
import { act, readActWords } from "./act.ts";
import { dollars } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";

/** A quarter of an hour: what led to a stop is among them. */
const SHOWN_MAX = 15;
const ID = /^\d{1,15}$/;

const WHY = {
  jump: "it moved by more than 20 % within ten minutes",
  gap: "it came after more than six hours without any",
  too_old: "it is more than six hours old",
  missing: "there is none yet",
} as const satisfies Record<NonNullable<CurrentRate["why"]>, string>;

export const rateCommands = needMoney({
  rates: { args: "", summary: "shows the coin's rate, its age and where it comes from", run: showRates },
  "rates confirm": { args: "ID WHY", summary: "lets paid answers use a rate that was stopped", run: confirm },
} satisfies Record<string, OperatorCommand>);

async function showRates({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`rates` alone shows them; to let one pass: rates confirm ID --why …");
  const rates = await latestRates(db, SHOWN_MAX);
  const now = Date.now();
  say(stateOf(currentRate(rates.slice(0, 1), now)));
  for (const rate of rates) say(`  ${lineOf(rate, now)}`);
}

function stateOf({ rate, usable, why, isStale }: CurrentRate): string {
  if (rate === null) return "There is no rate yet: does the server run, and with STARAI_RATES other than off?";
  if (!usable && why !== null)
    return `No new answer is paid by this rate, because ${WHY[why]}. Where it is right: rates confirm ${rate.id} --why "…"`;
  return isStale ? "The rate is used, and people are told its time." : "The rate is used.";
}

function lineOf({ id, at, microUsdPerCoin, sources, stopped, confirmedAt }: Rate, now: number): string {
  const state = confirmedAt !== null ? ", confirmed" : stopped === null ? "" : `, stopped: ${stopped}`;
  return `${id.padStart(6)}  ${dollars(microUsdPerCoin).padEnd(10)}  ${ageOf(now - at).padEnd(10)}  ${sources.join(", ")}${state}`;
}

function ageOf(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const size = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return ms < 0 ? `in ${size}` : `${size} ago`;
}

async function confirm(ctx: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  const { words: asked, who, why } = readActWords(words, ctx.user);
  const [id, ...more] = asked;
  if (id === undefined || !ID.test(id) || more.length > 0)
    throw new Error("Name one rate by its number, as `npm run operator -- rates` shows it. Nothing was changed.");
  const said = await act(ctx, { who, why, verb: "rates confirm" }, async ({ db }) => {
    const confirmation = await confirmRate(db, { id, now: Date.now() });
    if (confirmation.kind === "unknown")
      throw new Error(`There is no rate ${id}: \`npm run operator -- rates\` shows the last. Nothing was changed.`);
    const { rate } = confirmation;
    const price = dollars(rate.microUsdPerCoin);
    if (confirmation.kind === "moved")
      throw new Error(
        `The rate has moved since: it is ${price} now, rate ${rate.id}. Where that is right, confirm that one. Nothing was changed.`,
      );
    if (confirmation.kind === "usable")
      return { params: null, said: `Rate ${rate.id}, ${price}, is used. It was so before.` };
    const params = { rate: rate.id, microUsdPerCoin: String(rate.microUsdPerCoin) };
    return { params, said: `Rate ${rate.id}, ${price}, is used from now on.` };
  });
  say(said);
}
