/** Amounts and times as text. */
import { fromNano, toNano } from "@ton/core";
import { COIN_NAME } from "../chain-config/coin.ts";

export function coins(nano: bigint): string {
  return `${fromNano(nano)} ${COIN_NAME}`;
}

/** Parses an amount in coins to nano units; `what` names the option or the argument. @throws when it is malformed. */
export function coinsOf(what: string, text: string, least = 1n): bigint {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text) || toNano(text) < least)
    throw new Error(`${what} must be an amount in ${COIN_NAME}, as 10 or 0.5, not "${text.slice(0, 40)}"`);
  return toNano(text);
}

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const PARTS = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
const DATE = new Intl.DateTimeFormat("en-GB", { ...PARTS, timeZone: "UTC" });

/** Formats a time, UNIX seconds. */
export const dateOf = (atS: number): string => `${DATE.format(atS * 1_000)} UTC`;

/** Formats a time with its distance from `nowS`, the chain's time; both are UNIX seconds. */
export function when(atS: number, nowS: number): string {
  const date = dateOf(atS);
  return atS > nowS ? `${date} (in ${spanOf(atS - nowS)})` : `${date} (${spanOf(nowS - atS)} ago)`;
}

/** Formats a duration. */
export function spanOf(seconds: number): string {
  const days = Math.floor(seconds / DAY_S);
  const hours = Math.floor((seconds % DAY_S) / HOUR_S);
  if (days === 0) return hours > 0 ? count(hours, "hour") : count(Math.ceil(seconds / 60), "minute");
  return hours > 0 ? `${count(days, "day")} ${count(hours, "hour")}` : count(days, "day");
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
