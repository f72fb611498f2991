/** An operator's settings of the house: prices, fee, free answers, caps, halts, rates; what is written down of them. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { moneySettings, operatorActs, rates } from "../db/schema.ts";
import { DEFAULT_SETTINGS, loadSettings } from "../billing/money-settings.ts";
import { createTestDatabase } from "../testing/database.ts";
import { operatorOver } from "../testing/operator.ts";
import { storeRate } from "../testing/rates.ts";

const database = await createTestDatabase();
afterAll(() => database[Symbol.asyncDispose]());
const { db } = database;
const [operator, other] = [operatorOver(database), operatorOver(database, "boris")];
const WHY = ["--why", "costs rose"];

beforeEach(async () => {
  await db.delete(moneySettings);
  await db.delete(rates);
});

const settings = () =>
  loadSettings(db, DEFAULT_SETTINGS, (name) => {
    throw new Error(`${name} cannot be read`);
  });
const acts = () => db.select().from(operatorActs).orderBy(operatorActs.id);

describe("prices", () => {
  test("are shown, set for a size or a model, and taken back", async () => {
    expect(await operator("prices")).toContain(
      "models up to 2.5B                        0.015 / 0.004 / 0.06  (default)",
    );
    expect(await operator("prices", "set", "2.5B", "0.02/0.005/0.07", ...WHY)).toContain("0.02 / 0.005 / 0.07 dollars");
    expect(await operator("prices", "set", "qwen2.5-7b-instruct", "0/0/1.000001", ...WHY)).not.toContain("catalogue");
    expect(await operator("prices", "set", "my-own", "1/1/1", ...WHY)).toContain(
      "No model of the catalogue has this id",
    );
    const { prices } = await settings();
    expect(prices.classes[0]).toEqual({
      parametersMax: 2.5e9,
      prices: { prompt: 20_000n, cached: 5_000n, answer: 70_000n },
    });
    expect(prices.models.get("qwen2.5-7b-instruct")?.answer).toBe(1_000_001n);
    expect(await operator("prices")).toMatch(/models up to 2\.5B +0\.02 \/ 0\.005 \/ 0\.07$/m);
    expect(await operator("prices", "unset", "2.5b", ...WHY)).toContain("taken back");
    expect((await settings()).prices.classes).toEqual(DEFAULT_SETTINGS.prices.classes);
    expect(await operator("prices", "unset", "2.5b", ...WHY)).toContain("It was so before");
  });

  test("may be listed in coins, once there is one, and the list in dollars is kept beside it", async () => {
    expect(await operator("prices", "in", "coins", ...WHY)).toContain("refused: No price in coins is set yet");
    await operator("prices", "set", "2.5B", "0.0088/0.0022/0.035294118", "coins", ...WHY);
    expect((await settings()).prices.unit).toBe("micro_usd");
    expect(await operator("prices", "in", "coins", ...WHY)).toContain("Prices are in coins");
    expect((await settings()).prices.classes).toEqual([
      { parametersMax: 2.5e9, prices: { prompt: 8_800_000n, cached: 2_200_000n, answer: 35_294_118n } },
    ]);
    expect(await operator("prices", "in", "dollars", ...WHY)).toContain("Prices are in dollars");
    expect((await settings()).prices).toEqual(DEFAULT_SETTINGS.prices);
  });

  test.each([
    [["set", "2.5B"], "Write the price as in"],
    [["set"], "Name a model"],
    [["set", "2.5B", "1/2"], "Three prices are needed"],
    [["set", "2.5B", "0.1/0.2/0.3"], "cached must not be above prompt"],
    [["set", "2.5B", "0.1/0.1/x"], "The price of a million answer tokens in dollars is a number from 0 to 1000"],
    [["set", "2.5B", "0.1/0.1/1001"], "from 0 to 1000"],
    [["set", "2.5B", "0.1/0.1/0.0000001"], "at most 6 digits"],
    [["set", "2.5B", "0.1/0.1/1e2"], '"1e2" is none'],
    [["set", "2.5B", "1/1/1", "rubles"], "in dollars or in coins"],
    [["set", "0B", "1/1/1"], "a class is a number of parameters"],
    [["set", "a b", "1/1/1"], "Name a model"],
    [["in"], "in dollars or in coins"],
    [["in", "rubles"], "in dollars or in coins"],
    [["everything"], "`prices` alone shows them"],
  ])("cannot be %j", async (words, says) => {
    const before = await acts();
    expect(await operator("prices", ...words, ...WHY)).toMatch(/^refused: /);
    expect(await operator("prices", ...words, ...WHY)).toContain(says);
    expect([await settings(), await acts()]).toEqual([DEFAULT_SETTINGS, before]);
  });
});

describe("the house's settings", () => {
  test.each([
    [["fee", "12", "6"], { feeBasisPoints: 1_200, lossBasisPoints: 600 }],
    [["fee", "7.25"], { feeBasisPoints: 725, lossBasisPoints: 500 }],
    [["free", "answers", "0"], { free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } }],
    [["free", "budget", "0.5"], { free: { ...DEFAULT_SETTINGS.free, dayMicroUsd: 500_000n } }],
    [["free", "groups", "on"], { free: { ...DEFAULT_SETTINGS.free, inGroups: true } }],
    [["caps", "answer", "0.05"], { caps: { ...DEFAULT_SETTINGS.caps, answerMicroUsd: 50_000n } }],
    [["caps", "day", "2"], { caps: { ...DEFAULT_SETTINGS.caps, dayMicroUsd: 2_000_000n } }],
    [["caps", "key", "3"], { caps: { ...DEFAULT_SETTINGS.caps, keyDayMicroUsd: 3_000_000n } }],
    [["float", "max", "12.5"], { starsFloatMax: 12_500_000_000n }],
    [["halt"], { halted: true }],
    [["halt-payouts", "on"], { payoutsHalted: true }],
  ])("%j is stored, written down, and the same again changes nothing", async (words, changed) => {
    const before = (await acts()).length;
    expect(await operator(...words, ...WHY)).not.toContain("refused");
    expect(await settings()).toEqual({ ...DEFAULT_SETTINGS, ...changed });
    expect(await other(...words, ...WHY)).toContain("It was so before");
    const written = await acts();
    expect(written).toHaveLength(before + 1);
    expect(written.at(-1)).toMatchObject({ who: "anna", why: "costs rose" });
    expect(words.join(" ").startsWith(written.at(-1)!.verb)).toBe(true);
  });

  test("are shown by the same words without a change", async () => {
    const before = (await acts()).length;
    expect(await operator("fee")).toContain("the house keeps 10 %; 5 % of the whole is set aside");
    expect(await operator("free")).toContain("20 free answers a day.\nAll free answers of a day may cost $2");
    expect(await operator("halt-payouts")).toBe("Payouts go on.");
    expect(await operator("caps")).toContain("An answer costs at most $0.02");
    expect(await acts()).toHaveLength(before);
  });

  test("a halt is taken back by resume, and both may be repeated", async () => {
    expect(await operator("resume", ...WHY)).toContain("New paid answers may begin.");
    await operator("halt", ...WHY);
    expect((await settings()).halted).toBe(true);
    await operator("resume", ...WHY);
    expect((await settings()).halted).toBe(false);
  });

  test.each([
    [["fee", "4"], "is set aside for losses, which is more than this fee: say both, as in fee 4 2"],
    [["fee", "51"], "from 0 to 50"],
    [["fee", "1.234"], "at most 2 digits"],
    [["fee", "10", "5", "1"], "Write the fee in percent"],
    [["free", "answers", "1.5"], "at most 0 digits"],
    [["free", "answers", "1001"], "from 0 to 1000"],
    [["free", "budget", "-1"], "The only options are"],
    [["free", "groups", "maybe"], "Write one of"],
    [["halt-payouts", "maybe"], "Write one of: halt-payouts on"],
    [["halt-payouts", "on", "now"], "Write one of: halt-payouts on"],
    [["free", "beer", "1"], "Write one of"],
    [["caps", "answer", "0.0005"], "from 0.001 to 10"],
    [["caps", "answer", "100"], "from 0.001 to 10"],
    [["caps", "day"], "is none"],
    [["caps", "constructor", "1"], "Write one of"],
    [["halt", "now"], "takes nothing but --why"],
    [["float", "max", "100000"], "from 0 to 10000"],
  ])("%j is refused in words and changes nothing", async (words, says) => {
    const before = await acts();
    expect(await operator(...words, ...WHY)).toMatch(/^refused: /);
    expect(await operator(...words, ...WHY)).toContain(says);
    expect([await settings(), await acts()]).toEqual([DEFAULT_SETTINGS, before]);
  });

  test("a row that cannot be read is said, and can be replaced", async () => {
    await db.insert(moneySettings).values({ name: "fee", value: "a lot" });
    expect(await operator("fee")).toContain("The stored setting fee cannot be read");
    await operator("fee", "11", "5", ...WHY);
    expect((await settings()).feeBasisPoints).toBe(1_100);
  });
});

describe("who and why", () => {
  test.each([
    [[], "Say why"],
    [["--why", "  "], "Say why"],
    [["--why", "ok"], "3 to 300"],
    [["--why", "x".repeat(301)], "3 to 300"],
    [["--why", "two\nlines"], "Say why"],
    [["--why", "it is so", "--who", "\u001b[31m"], "Say who you are"],
    [["--why", "it is so", "--who", "x".repeat(61)], "Say who you are"],
    [["--why"], "The only options are"],
    [["--because", "it is so"], "The only options are"],
  ])("without a reason, or with %j, nothing is changed", async (options, says) => {
    expect(await operator("halt", ...options)).toContain(says);
    expect(await settings()).toEqual(DEFAULT_SETTINGS);
  });

  test("are listed with what was done, the last first", async () => {
    await operator("halt", "--why", "  the bank   is closed ");
    await other("resume", "--why", "it is open", "--who", "eva");
    const [last, before] = (await operator("acts", "2")).split(/\n(?= +\d)/);
    expect(last).toMatch(/eva: resume .*\n +because: it is open/);
    expect(before).toMatch(/anna: halt .*\n +because: the bank is closed/);
    expect(await operator("acts", "none")).toContain("a number of acts from 1 to 1000");
  });

  test("an operator without a name has to say one", async () => {
    expect(await operatorOver(database, "")("halt", ...WHY)).toContain("Say who you are");
  });

  test("acts cannot be changed, not even with the database's own tools", async () => {
    await operator("halt", ...WHY);
    await expect(database.pg.query("update operator_acts set who = 'nobody'")).rejects.toThrow("append-only");
    await expect(database.pg.query("delete from operator_acts")).rejects.toThrow("append-only");
  });
});

test("two operators at once: what counts in the end is the last act, and each is written down", async () => {
  const before = (await acts()).length;
  const fees = [6, 7, 8, 9, 10, 11];
  await Promise.all(fees.map((fee, at) => (at % 2 === 0 ? operator : other)("fee", String(fee), ...WHY)));
  const written = (await acts()).slice(before);
  expect(written).toHaveLength(fees.length);
  expect(written.at(-1)?.params).toEqual({
    name: "fee",
    value: { feeBasisPoints: (await settings()).feeBasisPoints, lossBasisPoints: 500 },
  });
});

describe("rates", () => {
  test("are shown with age and sources, and one that was stopped is confirmed by its number", async () => {
    expect(await operator("rates")).toContain("There is no rate yet");
    await storeRate(db, { at: new Date(Date.now() - 3 * 60_000) });
    expect(await operator("rates")).toMatch(/^The rate is used\.\n +\d+ +\$1\.7 +3 min ago +sandbox:a, sandbox:b$/);
    const jumped = await storeRate(db, { microUsdPerCoin: 2_500_000n, stopped: "jump" });
    expect(await operator("rates")).toContain(
      `moved by more than 20 % within ten minutes. Where it is right: rates confirm ${jumped}`,
    );
    expect(await operator("rates", "confirm", jumped, ...WHY)).toBe(`Rate ${jumped}, $2.5, is used from now on.`);
    expect(await operator("rates")).toMatch(/^The rate is used\.[^]*, confirmed/);
    expect(await operator("rates", "confirm", jumped, ...WHY)).toContain("It was so before");
    expect((await acts()).at(-1)).toMatchObject({
      verb: "rates confirm",
      params: { rate: jumped, microUsdPerCoin: "2500000" },
    });
  });

  test("a rate that is too old is bridged by an operator", async () => {
    const old = await storeRate(db, { at: new Date(Date.now() - 7 * 3_600_000) });
    expect(await operator("rates")).toContain("more than six hours old");
    expect(await operator("rates", "confirm", old, ...WHY)).toContain("is used from now on");
    expect(await operator("rates")).toContain("people are told its time");
  });

  test.each([
    [["confirm"], "Name one rate by its number"],
    [["confirm", "1.7"], "Name one rate by its number"],
    [["confirm", "1", "2"], "Name one rate by its number"],
    [["confirm", "999999"], "There is no rate 999999"],
    [["refresh"], "`rates` alone shows them"],
  ])("cannot %j", async (words, says) => {
    await storeRate(db, { stopped: "gap" });
    const before = await acts();
    expect(await operator("rates", ...words, ...WHY)).toContain(says);
    expect(await acts()).toEqual(before);
  });

  test("a rate that moved on since cannot be confirmed", async () => {
    const seen = await storeRate(db, { microUsdPerCoin: 2_500_000n, stopped: "jump" });
    await storeRate(db, { microUsdPerCoin: 4_000_000n, stopped: "jump" });
    expect(await operator("rates", "confirm", seen, ...WHY)).toContain(
      "refused: The rate has moved since: it is $4 now",
    );
  });
});
