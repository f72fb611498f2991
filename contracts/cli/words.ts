/** Amounts and times as text. */
import { fromNano, toNano } from "@ton/core";
import { COIN_NAME } from "../chain-config/coin.ts";

export function ton(nano: bigint): string {
  return `${fromNano(nano)} ${COIN_NAME}`;
}

/** Parses an amount in coins from the command line to nano units. @throws when it is malformed or below `least`. */
export function nanoOf(command: string, text: string | undefined, least = 1n): bigint {
  if (text === undefined || !/^\d{1,9}(\.\d{1,9})?$/.test(text) || toNano(text) < least)
    throw new Error(`Missing or malformed amount in ${COIN_NAME}: npm run ton -- ${command} 0.5`);
  return toNano(text);
}

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const PARTS = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
const DATE = new Intl.DateTimeFormat("en-GB", { ...PARTS, timeZone: "UTC" });

/** Formats a time with its distance from `nowS`, the chain's time; both are UNIX seconds. */
export function when(atS: number, nowS: number): string {
  const date = `${DATE.format(atS * 1_000)} UTC`;
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
