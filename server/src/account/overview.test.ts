/** What a person sees of their money, through the app's routes. */
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CAP_BOUNDS } from "@starai/protocol/money";
import { DEFAULT_SETTINGS, SettingsStore } from "../billing/money-settings.ts";
import type { MoneySettings } from "../billing/money-settings.ts";
import { answerOf } from "../client.ts";
import { expectBooksRight } from "../testing/books.ts";
import { freeAnswers, freeBudgets, people, rates, spendDays, spendingCaps, starSubscriptions } from "../db/schema.ts";
import { RateBook } from "../rates/rate-book.ts";
import type { TestApp } from "../testing/app.ts";
import { holdOf } from "../testing/ledger.ts";
import { billOf, fund, owe, personsAccount, whole } from "../testing/money.ts";
import { botOf, inOneApp } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
let id: string;
const HOUR_MS = 3_600_000;

inOneApp((app, person) => ([stack, ann] = [app, person]));
beforeEach(async () => {
  id = ann.person.id;
  await stack.ctx.db.delete(rates);
  await stack.ctx.db.delete(freeBudgets);
  forgetRate();
  settings({});
});
afterEach(async () => {
  stack.ctx.ledger.halted = false;
  await expectBooksRight(stack.ctx.pg);
});

const overview = () => answerOf(() => ann.my.money.$get());
const today = () => new Date(stack.ctx.clock()).toISOString().slice(0, 10);

function settings(changed: Partial<MoneySettings>): void {
  stack.ctx.settings = new SettingsStore(stack.ctx, { ...DEFAULT_SETTINGS, ...changed });
}

/** A rate stored beside the book is noticed after a second; a new book sees it at once. */
function forgetRate(): void {
  stack.ctx.rates = new RateBook(stack.ctx);
}

/** One coin is $1.70, or $0.85 of what a price in coins needs. */
async function storeRate({ ageMs = 0, stopped = null }: { ageMs?: number; stopped?: "jump" | null } = {}) {
  const at = new Date(stack.ctx.clock() - ageMs);
  await stack.ctx.db.insert(rates).values({ microUsdPerCoin: 1_700_000n, at, sources: ["a", "b"], stopped });
  forgetRate();
}

test("a new person has the day's free answers, nothing else, and the house's caps", async () => {
  const { free, ...rest } = await overview();
  expect(free).toEqual({
    allowed: 20,
    used: 0,
    left: 20,
    resetsAt: new Date(Math.ceil(stack.ctx.clock() / (24 * HOUR_MS)) * 24 * HOUR_MS).toISOString(),
    modelIsFree: true,
    houseIsSpent: false,
  });
  expect(rest).toEqual({
    coin: "GRAM",
    stars: { spendable: "0", held: "0", debt: "0" },
    prepaid: { spendable: "0", held: "0" },
    answer: { model: "qwen2.5-coder-1.5b", stars: "1615385", coin: null },
    rate: null,
    paused: null,
    caps: { answer: 20_000, day: 1_000_000 },
    spentToday: { stars: "0", coin: "0" },
    subscription: null,
  });
});

describe("a balance", () => {
  test("is what was paid in, less what is held and owed; other people's is not in it", async () => {
    await fund(stack.ctx, id, { stars: whole(50), coin: whole(2) });
    await fund(stack.ctx, "00000000-0000-4000-8000-000000000001", { stars: whole(7), coin: whole(7) });
    const account = await personsAccount(stack.ctx, "stars", id);
    await stack.ctx.ledger.do(holdOf({ account, amount: whole(10) }));
    await owe(stack.ctx, id, whole(15));
    const { stars, prepaid } = await overview();
    expect(stars).toEqual({ spendable: String(whole(25)), held: String(whole(10)), debt: String(whole(15)) });
    expect(prepaid).toEqual({ spendable: String(whole(2)), held: "0" });
  });

  test("cannot be below nothing, however much is owed; until that is paid nothing is free", async () => {
    await fund(stack.ctx, id, { stars: whole(1) });
    await owe(stack.ctx, id, whole(15));
    const { stars, free } = await overview();
    expect(stars).toEqual({ spendable: "0", held: "0", debt: String(whole(15)) });
    expect(free).toMatchObject({ used: 0, left: 0 });
  });

  test("and what was spent today is the sum of the answers", async () => {
    await fund(stack.ctx, id, { stars: whole(50), coin: whole(2) });
    for (const amount of [41_203n, 17n]) await billOf(stack.ctx, { person: id, amount, budget: 50_000n });
    await billOf(stack.ctx, { person: id, paidWith: "stars", amount: 5n });
    await billOf(stack.ctx, { person: id, openedAt: new Date(stack.ctx.clock() - 48 * HOUR_MS) });
    const { prepaid, spentToday } = await overview();
    expect(spentToday).toEqual({ stars: "5", coin: "41220" });
    expect(prepaid.spendable).toBe(String(whole(2) - 42_220n));
    expect(await stack.ctx.db.$count(spendDays, eq(spendDays.owner, `person:${id}`))).toBe(3);
  });
});

describe("free answers", () => {
  test("are counted by the UTC day, and none is left when all are used", async () => {
    const { db } = stack.ctx;
    await db.insert(freeAnswers).values({ person: id, day: "2026-01-01", used: 9, allowed: 20 });
    await db.insert(freeAnswers).values({ person: id, day: today(), used: 13, allowed: 20 });
    expect((await overview()).free).toMatchObject({ used: 13, left: 7 });
    settings({ free: { ...DEFAULT_SETTINGS.free, answersPerDay: 10 } });
    expect((await overview()).free).toMatchObject({ allowed: 10, used: 13, left: 0 });
  });

  test("are not of a model that is too large", async () => {
    await stack.ctx.db.update(people).set({ model: "qwen2.5-7b-instruct" }).where(eq(people.id, id));
    const { free, answer } = await overview();
    expect(free.modelIsFree).toBe(false);
    expect(answer.model).toBe("qwen2.5-7b-instruct");
    await stack.ctx.db.update(people).set({ model: "gone" }).where(eq(people.id, id));
    expect((await overview()).free.modelIsFree).toBe(true);
  });

  test("end for all when the house's budget of the day does not hold a usual answer any more", async () => {
    const cap = DEFAULT_SETTINGS.free.dayMicroUsd;
    await stack.ctx.db.insert(freeBudgets).values({ day: today(), cap, used: cap - 30n });
    expect((await overview()).free.houseIsSpent).toBe(false);
    await stack.ctx.db.update(freeBudgets).set({ used: cap - 10n });
    expect((await overview()).free.houseIsSpent).toBe(true);
  });
});

describe("a rate", () => {
  test("that may be used prices a usual answer in coins", async () => {
    await storeRate();
    const { answer, rate, paused } = await overview();
    expect(answer.coin).toBe("12353");
    expect(rate).toMatchObject({ microUsdPerCoin: "1700000", stale: false });
    expect(paused).toBeNull();
  });

  test("is shown with its age, and prices nothing once it may not be used", async () => {
    await storeRate({ ageMs: HOUR_MS });
    expect(await overview()).toMatchObject({ rate: { stale: true }, answer: { coin: "12353" } });
    await storeRate({ stopped: "jump" });
    expect(await overview()).toMatchObject({ rate: { stale: false }, answer: { coin: null } });
  });

  test("is needed by who pays with coins, and not by who has Stars", async () => {
    await fund(stack.ctx, id, { coin: whole(1) });
    expect((await overview()).paused).toBe("rate");
    await fund(stack.ctx, id, { stars: whole(1) });
    expect((await overview()).paused).toBeNull();
    settings({ prices: { ...DEFAULT_SETTINGS.prices, unit: "nano" } });
    expect(await overview()).toMatchObject({ paused: "rate", answer: { stars: null, coin: "21" } });
  });
});

test("it is said why no paid answer begins", async () => {
  settings({ halted: true });
  expect((await overview()).paused).toBe("operator");
  stack.ctx.ledger.halted = true;
  expect((await overview()).paused).toBe("books");
});

test("a subscription is shown as it stands", async () => {
  const paidUntil = new Date("2026-12-24T00:00:00Z");
  await stack.ctx.db
    .insert(starSubscriptions)
    .values({ person: id, telegramId: ann.telegramId, firstCharge: "c", stars: 250, state: "canceled", paidUntil });
  const { subscription } = await overview();
  expect(subscription).toEqual({ state: "canceled", stars: 250, paidUntil: paidUntil.toISOString() });
});

const put = (caps: { answer: number; day: number }) => answerOf(() => ann.my.money.caps.$put({ json: caps }));

describe("caps", () => {
  test("are set in the app or through the bot, and the last ones count, of however many at once", async () => {
    expect((await put({ answer: 5_000, day: 50_000 })).caps).toEqual({ answer: 5_000, day: 50_000 });
    const many = Array.from({ length: 20 }, (_, i) => put({ answer: 6_000 + i, day: 60_000 }));
    await Promise.all(many);
    expect(await stack.ctx.db.$count(spendingCaps, eq(spendingCaps.owner, `person:${id}`))).toBe(1);
    const param = { telegramId: String(ann.telegramId) };
    const json = { answer: 7_000, day: 70_000 };
    const set = await answerOf(() => botOf(stack).api.people[":telegramId"].caps.$put({ param, json }));
    expect(set.caps).toEqual(json);
    expect((await overview()).caps).toEqual(json);
  });

  test("cannot be outside their bounds, and what was set before stays", async () => {
    const { answer, day } = CAP_BOUNDS;
    await put({ answer: answer.min, day: day.max });
    for (const wrong of [
      { answer: answer.min - 1, day: day.max },
      { answer: answer.max + 1, day: day.max },
      { answer: answer.max, day: day.min - 1 },
      { answer: answer.max, day: day.max + 1 },
      { answer: 1_000.5, day: day.max },
      { answer: -answer.min, day: day.max },
    ])
      await expect(put(wrong)).rejects.toMatchObject({ code: "invalid_request" });
    expect((await overview()).caps).toEqual({ answer: answer.min, day: day.max });
  });
});

test("somebody whom the bot does not know has no money to see", async () => {
  const param = { telegramId: "999999999" };
  await expect(answerOf(() => botOf(stack).api.people[":telegramId"].money.$get({ param }))).rejects.toMatchObject({
    code: "not_found",
  });
});
