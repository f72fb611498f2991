/** What the screens say of machines and of their pay. Pure. */
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { ContributorOverview, EarningHour, MachineView } from "@starai/protocol/contributor";
import type { Language, Translate } from "@starai/protocol/texts";
import { amountText } from "../../lib/money-words.ts";

const HOURS_A_DAY = 24;
const NANO = 1e9;

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

export interface Speech {
  readonly t: Translate;
  readonly language: Language;
  /** The coin's name. */
  readonly coin: string;
}
