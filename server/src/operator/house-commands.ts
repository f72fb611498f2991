/** The house's share, what it gives away, how much people may spend at most, and whether it sells at all. */
import { CAP_BOUNDS } from "@starai/protocol/money";
import type { MoneySettings } from "../billing/money-settings.ts";
import { readActWords } from "./act.ts";
import { DOLLAR_DECIMALS, dollars, readAmount } from "./amounts.ts";
import type { OperatorCommand, OperatorContext, Say } from "./command.ts";
import { needMoney } from "./need-money.ts";
import { changeSetting, readSettings } from "./settings.ts";
import type { Setting } from "./settings.ts";

type Read = (words: readonly string[], now: MoneySettings) => Setting;

/** Stored in hundredths of a percent. */
const PERCENT_DECIMALS = 2;
const FEE_MAX = 5_000n;
const FREE_DAY_MAX = 1_000_000_000n;

export const houseCommands = needMoney({
  fee: {
    args: "[PERCENT [SET_ASIDE] WHY]",
    summary: "the house's part, and what of it is set aside for losses",
    run: changes(
      "fee",
      ({ feeBasisPoints, lossBasisPoints }) => [sentenceOfFee(feeBasisPoints, lossBasisPoints)],
      readFee,
    ),
  },
  free: {
    args: "[answers N | budget DOLLARS | groups on|off WHY]",
    summary: "free answers a day: a person's, all together, in groups",
    run: changes("free", freeLines, readFree),
  },
  caps: {
    args: "[answer|day|key DOLLARS WHY]",
    summary: "what people and keys spend at most, unless they say otherwise",
    run: changes("caps", capLines, readCap),
  },
  halt: { args: "WHY", summary: "no new paid answers", run: halting(true) },
  resume: { args: "WHY", summary: "new paid answers again", run: halting(false) },
  "halt-payouts": {
    args: "[on|off WHY]",
    summary: "on: nobody is paid out; what is asked for already waits",
    run: changes("halt-payouts", ({ payoutsHalted }) => [sentenceOfPayouts(payoutsHalted)], readHaltPayouts),
  },
} satisfies Record<string, OperatorCommand>);

/** Shows without words, and sets with them. */
function changes(verb: string, show: (now: MoneySettings) => string[], read: Read): OperatorCommand["run"] {
  return async (ctx, words, say) => {
    if (words.length > 0) return changeSetting(ctx, { verb, words, say }, read);
    for (const line of show(await readSettings(ctx.db, say))) say(line);
  };
}

function readFee(words: readonly string[], { lossBasisPoints }: MoneySettings): Setting<"fee"> {
  const [percent, aside, ...more] = words;
  if (more.length > 0)
    throw new Error("Write the fee in percent, and what of it is set aside: fee 10 5 --why … Nothing was changed.");
  const fee = readPercent(percent ?? "", "The fee in percent");
  const loss =
    aside === undefined ? lossBasisPoints : readPercent(aside, "What is set aside, in percent of what people pay,");
  if (loss > fee)
    throw new Error(
      `${inPercent(loss)} is set aside for losses, which is more than this fee: say both, as in fee ${fee / 100} ${fee / 200}. Nothing was changed.`,
    );
  return { name: "fee", value: { feeBasisPoints: fee, lossBasisPoints: loss }, said: sentenceOfFee(fee, loss) };
}

/** In hundredths of a percent. */
function readPercent(text: string, what: string): number {
  return Number(readAmount(text, { decimals: PERCENT_DECIMALS, min: 0n, max: FEE_MAX, what }));
}

function sentenceOfFee(fee: number, loss: number): string {
  return `Of what people pay the house keeps ${inPercent(fee)}; ${inPercent(loss)} of the whole is set aside for workers of failed answers.`;
}

const inPercent = (basisPoints: number) => `${basisPoints / 100} %`;

function freeLines({ free }: MoneySettings): string[] {
  return [sentences.answers(free.answersPerDay), sentences.budget(free.dayMicroUsd), sentences.groups(free.inGroups)];
}

const sentences = {
  answers: (count: number) => `A person has ${count} free answers a day.`,
  budget: (microUsd: bigint) => `All free answers of a day may cost ${dollars(microUsd)} at list prices.`,
  groups: (inGroups: boolean) => (inGroups ? "Answers in groups may be free." : "In groups whoever asks pays."),
};

function readFree(words: readonly string[]): Setting {
  const [what, value, ...more] = words;
  if (more.length === 0 && what === "answers") {
    const count = Number(readAmount(value, { decimals: 0, min: 0n, max: 1_000n, what: "Free answers a day" }));
    return { name: "free.answersPerDay", value: count, said: sentences.answers(count) };
  }
  if (more.length === 0 && what === "budget") {
    const bounds = { decimals: DOLLAR_DECIMALS, min: 0n, max: FREE_DAY_MAX };
    const budget = readAmount(value, { ...bounds, what: "The budget of a day in dollars" });
    return { name: "free.dayMicroUsd", value: String(budget), said: sentences.budget(budget) };
  }
  if (more.length === 0 && what === "groups" && (value === "on" || value === "off"))
    return { name: "free.inGroups", value: value === "on", said: sentences.groups(value === "on") };
  throw new Error(
    "Write one of: free answers 20 · free budget 2 · free groups off, each with --why. Nothing was changed.",
  );
}

const CAPS = {
  answer: {
    name: "caps.answerMicroUsd",
    bounds: CAP_BOUNDS.answer,
    what: "An answer",
    of: (s: MoneySettings) => s.caps.answerMicroUsd,
  },
  day: {
    name: "caps.dayMicroUsd",
    bounds: CAP_BOUNDS.day,
    what: "A person's day",
    of: (s: MoneySettings) => s.caps.dayMicroUsd,
  },
  key: {
    name: "caps.keyDayMicroUsd",
    bounds: CAP_BOUNDS.day,
    what: "An API key's day",
    of: (s: MoneySettings) => s.caps.keyDayMicroUsd,
  },
} as const;

function capLines(now: MoneySettings): string[] {
  return Object.values(CAPS).map(({ what, of }) => sentenceOfCap(what, of(now)));
}

function sentenceOfCap(what: string, microUsd: bigint): string {
  return `${what} costs at most ${dollars(microUsd)}, unless its owner chose another cap.`;
}

function readCap(words: readonly string[]): Setting {
  const [which, value, ...more] = words;
  if (which === undefined || !Object.hasOwn(CAPS, which) || more.length > 0)
    throw new Error(
      "Write one of: caps answer 0.02 · caps day 1 · caps key 5, in dollars and with --why. Nothing was changed.",
    );
  const { name, bounds, what } = CAPS[which as keyof typeof CAPS];
  const cap = readAmount(value, {
    decimals: DOLLAR_DECIMALS,
    min: BigInt(bounds.min),
    max: BigInt(bounds.max),
    what: "The cap in dollars",
  });
  return { name, value: String(cap), said: sentenceOfCap(what, cap) };
}

function readHaltPayouts(words: readonly string[]): Setting<"payoutsHalted"> {
  const [value, ...more] = words;
  if (more.length > 0 || (value !== "on" && value !== "off"))
    throw new Error("Write one of: halt-payouts on · halt-payouts off, with --why. Nothing was changed.");
  return { name: "payoutsHalted", value: value === "on", said: sentenceOfPayouts(value === "on") };
}

/** What has gone out cannot be called back. */
function sentenceOfPayouts(halted: boolean): string {
  return halted
    ? "Payouts are halted: nobody can ask for a withdrawal, and what was asked for waits. What the hot wallet has sent already arrives; vouchers are redeemed as before. Nothing is moved to the pool either, so that new epochs may have to wait."
    : "Payouts go on.";
}

function halting(halted: boolean) {
  const said = halted
    ? "No new paid answers. What is being answered goes on, and free answers too."
    : "New paid answers may begin.";
  return async (ctx: OperatorContext, words: readonly string[], say: Say) => {
    const verb = halted ? "halt" : "resume";
    if (readActWords(words, ctx.user).words.length > 0)
      throw new Error(`\`${verb}\` takes nothing but --why and --who. Nothing was changed.`);
    await changeSetting(ctx, { verb, words, say }, () => ({ name: "halted", value: halted, said }));
  };
}
