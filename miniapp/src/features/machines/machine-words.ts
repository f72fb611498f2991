/** What the screens say of machines and of their pay. Pure. */
import { EARNING_TERMS, STAKE_MIN } from "@starai/protocol/contributor";
import type { ContributorOverview, EarningHour, MachineDay, MachineView } from "@starai/protocol/contributor";
import type { Language, Translate } from "@starai/protocol/texts";
import { amountText } from "../../lib/money-words.ts";

const HOURS_A_DAY = 24;
const NANO = 1e9;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Of the last 24 hours, the running one among them. */
export function lastDay(hours: readonly EarningHour[]): { jobs: number; uptime: number } {
  const day = hours.slice(-HOURS_A_DAY);
  return {
    jobs: day.reduce((sum, { jobs }) => sum + jobs, 0),
    uptime: day.length === 0 ? 0 : day.reduce((sum, { uptime }) => sum + uptime, 0) / day.length,
  };
}

/** When an epoch is closed, if each closes in its time. */
export function closingOf(epoch: number, { number, endsAt, seconds }: ContributorOverview["epoch"]): Date {
  return new Date(Date.parse(endsAt) + Math.max(0, epoch - number) * seconds * 1_000);
}

/** The last of the machines' pay to be released; null: none is held back. */
export function heldUntil({ machines, epoch }: Pick<ContributorOverview, "machines" | "epoch">): Date | null {
  const epochs = machines.flatMap(({ heldUntilEpoch }) => heldUntilEpoch ?? []);
  return epochs.length === 0 ? null : closingOf(Math.max(...epochs), epoch);
}

/** Coins as a number, for a plot: its lines are no receipts. */
export function coinsOf(nano: string): number {
  return Number(nano) / NANO;
}

/** Why a machine gets no or less work, a sentence each. */
export function whyOf({ t, language, coin }: Speech, { why, reason }: MachineView): string[] {
  const stake = amountText(t, { nano: String(STAKE_MIN), paidWith: "coin", coin }, { language, round: "up" });
  const sentences = why.map((one) => t(`machine.why.${one}`, { stake }));
  return reason === null ? sentences : [...sentences, t("machine.why.reason", { reason })];
}

/** "1,204", or "3.2 hr" of a time without jobs. */
export function skippedText({ why, count }: MachineDay["skipped"][number], language: Language): string {
  if (why !== "no_demand") return new Intl.NumberFormat(language).format(count);
  const ms = count * EARNING_TERMS.lookMs;
  const [unit, value] = ms < HOUR_MS ? (["minute", ms / MINUTE_MS] as const) : (["hour", ms / HOUR_MS] as const);
  const style = { style: "unit", unit, unitDisplay: "short" } as const;
  return new Intl.NumberFormat(language, { ...style, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** JSON as people read it; what is none stays as it is. */
export function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 1);
  } catch {
    return json;
  }
}

export interface Speech {
  readonly t: Translate;
  readonly language: Language;
  /** The coin's name. */
  readonly coin: string;
}
