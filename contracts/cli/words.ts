/** Money and time as people write them. */
import { fromNano, toNano } from "@ton/core";

export function ton(nano: bigint): string {
  return `${fromNano(nano)} TON`;
}

/** An amount of a command line, in nano units, `least` of them at least. */
export function nanoOf(command: string, said: string | undefined, least = 1n): bigint {
  if (said === undefined || !/^\d{1,9}(\.\d{1,9})?$/.test(said) || toNano(said) < least)
    throw new Error(`Say how much, in TON: npm run ton -- ${command} 0.5`);
  return toNano(said);
}

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const PARTS = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
const DATE = new Intl.DateTimeFormat("en-GB", { ...PARTS, timeZone: "UTC" });

/** A time with its distance; both UNIX seconds, `nowS` the chain's. */
export function when(atS: number, nowS: number): string {
  const date = `${DATE.format(atS * 1_000)} UTC`;
  return atS > nowS ? `${date} (in ${spanOf(atS - nowS)})` : `${date} (${spanOf(nowS - atS)} ago)`;
}

/** A length of time. */
export function spanOf(seconds: number): string {
  const days = Math.floor(seconds / DAY_S);
  const hours = Math.floor((seconds % DAY_S) / HOUR_S);
  if (days === 0) return hours > 0 ? count(hours, "hour") : count(Math.ceil(seconds / 60), "minute");
  return hours > 0 ? `${count(days, "day")} ${count(hours, "hour")}` : count(days, "day");
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
