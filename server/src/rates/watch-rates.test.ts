import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect, test } from "vitest";
import { Events } from "../events/events.ts";
import { Health } from "../health.ts";
import { createTestDatabase } from "../testing/database.ts";
import { RateBook } from "./rate-book.ts";
import { rateFeedOf } from "./rate-feed.ts";
import type { RateFeed } from "./rate-feed.ts";
import type { RateSource } from "./rate-source.ts";
import { RateUnreadable } from "./rate-unreadable.ts";
import { watchRates } from "./watch-rates.ts";

async function openWatch(feed: RateFeed) {
  const database = await createTestDatabase();
  const said: { msg: string; level: number }[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void said.push(JSON.parse(line) as never) });
  const rates = new RateBook({ db: database.db, clock: Date.now, monotonic: () => performance.now() });
  const health = new Health(new Events(log));
  const watch = watchRates({ health, log, random: () => 0.5, rates }, feed, { everyMs: 10 });
  const made = async () =>
    Number((await database.pg.query<{ count: string }>("select count(*) from rates")).rows[0]!.count);
  return {
    database,
    rates,
    watch,
    made,
    said: () => said.map(({ msg }) => msg),
    [Symbol.asyncDispose]: async () => {
      await watch.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

const sourceOf = (id: string, price: () => bigint | null): RateSource => ({
  id,
  read: async () => {
    const microUsdPerCoin = price();
    if (microUsdPerCoin === null) throw new RateUnreadable("no answer");
    return { source: id, microUsdPerCoin, at: Date.now() };
  },
});

test("the sources are read at once and again and again, and never after the stop", async () => {
  await using stack = await openWatch(rateFeedOf("sandbox", Date.now));
  await expect.poll(stack.made).toBeGreaterThan(1);
  expect(await stack.rates.current()).toMatchObject({ usable: true, rate: { microUsdPerCoin: 1_700_000n } });
  await stack.watch.stop();
  const made = await stack.made();
  await sleep(50);
  expect(await stack.made()).toBe(made);
});

test("a source that falls silent is said once, and so is its return; meanwhile the last rate stays", async () => {
  let price: bigint | null = 1_700_000n;
  let reads = 0;
  const answer = () => (reads++, price);
  await using stack = await openWatch({
    sources: [sourceOf("a", () => 1_700_000n), sourceOf("b", answer)],
    guarded: true,
  });
  await expect.poll(stack.made).toBeGreaterThan(0);
  price = null;
  const before = reads;
  await expect.poll(() => reads).toBeGreaterThan(before + 3);
  expect(await stack.rates.current()).toMatchObject({ usable: true, rate: { microUsdPerCoin: 1_700_000n } });
  price = 1_700_000n;
  await expect
    .poll(stack.said)
    .toEqual([
      "a source of the coin's rate gave none",
      "no two sources agree about the coin's rate; the last one is used until it is six hours old",
      "a source of the coin's rate answers again",
      "the coin has a new rate again",
    ]);
});

test("a rate that is stopped is an error in the log, once", async () => {
  let price = 1_700_000n;
  const sources = [sourceOf("a", () => price), sourceOf("b", () => price)];
  await using stack = await openWatch({ sources, guarded: true });
  await expect.poll(stack.made).toBeGreaterThan(0);
  price = 3_000_000n;
  const before = await stack.made();
  await expect.poll(stack.made).toBeGreaterThan(before + 2);
  expect(stack.said().filter((msg) => msg.includes("rates confirm"))).toHaveLength(1);
  expect(await stack.rates.current()).toMatchObject({ usable: false, why: "jump" });
});

test("a database that cannot store it is said, and asked again the next time", async () => {
  await using stack = await openWatch(rateFeedOf("sandbox", Date.now));
  await expect.poll(stack.made).toBeGreaterThan(0);
  await stack.database.pg.query("alter table rates rename to elsewhere");
  await expect.poll(stack.said).toContain("the coin's rate could not be stored; trying again in a minute");
  await stack.database.pg.query("alter table elsewhere rename to rates");
  const before = await stack.made();
  await expect.poll(stack.made).toBeGreaterThan(before);
});

test("a feed that is off is never read, and a stop does not wait for a source that never answers", async () => {
  expect(rateFeedOf("off", Date.now).sources).toEqual([]);
  expect(rateFeedOf("live", Date.now).sources.map(({ id }) => id)).toEqual([
    "coingecko:the-open-network",
    "coinpaprika:toncoin-the-open-network",
  ]);
  const endless: RateSource = {
    id: "endless",
    read: (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
  };
  await using stack = await openWatch({ sources: [endless], guarded: true });
  await stack.watch.stop();
  expect(await stack.made()).toBe(0);
  expect(stack.said()).toEqual([]);
});
