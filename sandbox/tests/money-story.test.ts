/**
 * Money in the whole house, as its people meet it: the real server, bot and app, a simulated Telegram that takes Stars,
 * and a model that plays a script. Free answers, Stars, a cap, a refund after some was spent, keys of the API; and after
 * each of them receipts that add up to the balance, to the billionth of a Star. The app shows what the first test did.
 */
import OpenAI, { APIError } from "openai";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { MICRO_USD_PER_STAR, exactAmount, shortAmount } from "@starai/protocol/amounts";
import { CAP_BOUNDS } from "@starai/protocol/money";
import type { OwnKey } from "@starai/protocol/money";
import { expectSound } from "@starai/server/testing/ledger";
import { openBrowser } from "../src/open-browser.ts";
import { STAGED_MODEL } from "../src/staged-stack.ts";
import type { MessageView } from "../src/telegram/views.ts";
import { axeFindings } from "./app-visit.ts";
import { NANO_PER_STAR, openMoneyHouse } from "./money-house.ts";
import type { MoneyHouse, Person } from "./money-house.ts";

let house: MoneyHouse;
let browser: Browser;
beforeAll(async () => {
  [house, browser] = await Promise.all([openMoneyHouse(), openBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await house[Symbol.asyncDispose]();
});

const PHONE = { viewport: { width: 390, height: 780 }, reducedMotion: "reduce" } as const;
/** Colours as Telegram's own clients report them. */
const THEMES = {
  light: { bg_color: "#ffffff", secondary_bg_color: "#efeff4", section_bg_color: "#ffffff", text_color: "#000000" },
  dark: { bg_color: "#18222d", secondary_bg_color: "#131415", section_bg_color: "#18222d", text_color: "#ffffff" },
} as const;

const [ANN, BEN] = [9_001, 9_002];
const PACK = 50n * NANO_PER_STAR;
/** The least there is: a cent. */
const DAY_CAP = CAP_BOUNDS.day.min;
/** More than a cent pays for. */
const ANSWERS_MAX = 20;
/** Of a request: a few dozen of them use a pack up. */
const ANSWER_TOKENS = 450;
const REQUESTS_MAX = 120;
const labels = ({ buttons }: MessageView) => buttons.flat().map(({ text }) => text);

/** What the receipts say was paid, by what; and the books of everybody, which must be right as well. */
async function expectToAddUp(person: Person, { paid, takenBack = 0n }: { paid: bigint; takenBack?: bigint }) {
  const { entries, receipts } = await person.books();
  const { stars } = await person.money();
  const { balance, owed } = await house.standingOf(person.user);
  const inStars = receipts.filter(({ paidWith }) => paidWith === "stars");
  const spent = inStars.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  expect(stars).toMatchObject({ held: "0", debt: String(owed) });
  expect(paid - spent - takenBack + owed).toBe(balance);
  const changes = entries.filter(({ paidWith }) => paidWith === "stars");
  expect(changes.reduce((sum, { amount }) => sum + BigInt(amount), 0n)).toBe(balance);
  await expectSound(house.stack.ctx.pg);
  return { spent, balance, owed, receipts };
}

test("a new person chats for free, pays Stars, chats until the cap and is refunded, and the receipts add up", async () => {
  const ann = house.person(ANN);
  await freeAnswersEnd(ann);
  await expectToAddUp(ann, { paid: 0n });

  const charge = await ann.topUp("50 Stars");
  await ann.untilSaid("Paid, thank you. Credited: 50. You can spend: 50.");
  const [answer] = await ann.say("and now?");
  expect(answer?.text).toContain("You said: and now?");
  const { spent: price, receipts } = await expectToAddUp(ann, { paid: PACK });
  expect(price).toBeGreaterThan(0n);
  expect(receipts.map(({ paidWith }) => paidWith)).toEqual(["stars", "free", "free"]);

  const capped = await reachCap(ann);
  expect(capped.spent).toBeGreaterThan(price);
  expect(capped.spent * MICRO_USD_PER_STAR).toBeLessThanOrEqual(BigInt(DAY_CAP) * NANO_PER_STAR);

  const said = await house.operator("stars", "refund", charge, "--why", "asked to", "--debt");
  expect(said).toContain("Telegram returned the payment.");
  await ann.untilSaid("Telegram returned your payment of 50 Stars");
  const refunded = await expectToAddUp(ann, { paid: PACK, takenBack: PACK });
  expect(refunded).toMatchObject({ balance: 0n, owed: capped.spent });
  expect(await house.operator("stars", "refund", charge, "--why", "again")).toContain("had been returned before");
  const [owing] = await ann.say("and while I owe?");
  expect(owing?.text).toContain("Nothing was charged");

  await ann.topUp("50 Stars");
  await ann.untilSaid("Paid, thank you. Credited: 50. You can spend: 49.");
  await ann.api("api/my/money/caps", { method: "PUT", body: { answer: 20_000, day: 1_000_000 } });
  expect((await ann.say("and after all?"))[0]?.text).toContain("You said: and after all?");
  const last = await expectToAddUp(ann, { paid: 2n * PACK, takenBack: PACK });
  expect(last.owed).toBe(0n);
  expect(last.balance).toBe(PACK - last.spent);
});

test.each([
  ["en", "light"],
  ["en", "dark"],
  ["ru", "light"],
  ["ru", "dark"],
] as const)(
  "reads it in the app, opened from /balance: balance, history, a receipt that is verified (%s, %s)",
  async (language, theme) => {
    const ann = house.person(ANN);
    const texts = language === "en" ? en : ru;
    await ann.speak(language);
    const [balance] = await ann.say("/balance");
    const url = await ann.launchUrl(balance!, texts["balance.app"], THEMES[theme]);
    await using context = await browser.newContext({ ...PHONE, colorScheme: theme, locale: language });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    await page.goto(url);
    const looksRight = async () => {
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    };
    const spendable = shortAmount(BigInt((await ann.money()).stars.spendable), { language, round: "down" });
    await expect.poll(() => page.locator(".balance").innerText(), { timeout: 8_000 }).toContain(spendable);
    await looksRight();

    await page.getByRole("link", { name: texts["wallet.history.all"] }).click();
    await page.getByText(texts["wallet.history.refund"], { exact: true }).waitFor();
    await page.getByText(texts["wallet.history.topup"], { exact: true }).first().waitFor();
    await looksRight();

    await page
      .getByRole("button", { name: language === "en" ? /\b(Stars)\b.*−/ : /Зв[её]зд.*−/ })
      .first()
      .click();
    await page.getByText(texts["wallet.receipt.signature.verified"]).waitFor();
    await page.getByText(texts["wallet.receipt.adds_up"]).waitFor();
    await looksRight();
  },
);

/** The last of them ends with one line and two buttons; the next question is kept, and refused in words. */
async function freeAnswersEnd(ann: Person): Promise<void> {
  const [first, ...none] = await ann.say("hello");
  expect(first?.text).toContain("You said: hello");
  expect(none).toEqual([]);
  const [second, line] = await ann.say("once more", 2);
  expect(second?.text).toContain("You said: once more");
  expect(line?.text).toBe(en["topup.last_free"]);
  expect(labels(line!)).toEqual([en["topup.button"], en["topup.later"]]);
  const [refused] = await ann.say("what about this?");
  expect(refused?.text).toContain("Nothing was charged; your question is kept.");
  expect(labels(refused!)).toEqual([en["topup.button"]]);
  const { rows } = await house.stack.ctx.pg.query("select 1 from messages where text = 'what about this?'");
  expect(rows).toHaveLength(1);
}

async function reachCap(ann: Person) {
  await ann.api("api/my/money/caps", { method: "PUT", body: { answer: 20_000, day: DAY_CAP } });
  let last: MessageView | undefined;
  for (let asked = 1; asked <= ANSWERS_MAX; asked++) {
    [last] = await ann.say(`question ${asked}`);
    if (!last!.text.includes("You said:")) break;
  }
  expect(last?.text).toContain("Your limits do not cover this answer. Nothing was charged");
  expect(labels(last!)).toEqual([en["topup.limits"]]);
  return expectToAddUp(ann, { paid: PACK });
}

test("a developer makes a key, spends with the official client, and is told by 402 what is left and what to do", async () => {
  const ben = house.person(BEN);
  await ben.say("hello");
  await ben.topUp("50 Stars");
  await ben.untilSaid("Credited: 50.");
  const made = await ben.api<{ key: string; id: string }>("api/my/keys", { method: "POST", body: { name: "script" } });
  const { refusals, answered } = await spendAll(made.key);
  expect(answered).toBeGreaterThan(3);
  expect(new Set(refusals.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(["402 insufficient_quota"]));
  expect(refusals.at(-1)?.message).toMatch(/0\.\d+ Stars can be spent\. Nothing was charged\. Top up with \/topup/);

  const { spent, receipts } = await expectToAddUp(ben, { paid: PACK });
  const requests = receipts.filter(({ kind }) => kind === "request");
  // A refused request has no receipt, or one of nothing.
  expect(requests.filter(({ amount }) => amount !== "0")).toHaveLength(answered);
  const { keys } = await ben.api<{ keys: OwnKey[] }>("api/my/keys");
  expect(keys).toMatchObject([{ id: made.id, name: "script", spentToday: { stars: String(spent), coin: "0" } }]);
  const [, line] = (await ben.text(`api/my/keys/${made.id}/usage.csv`)).split("\r\n");
  expect(line).toContain(exactAmount(spent));
});

/** Asks until nothing more is answered; when told how many tokens the rest covers, for so many. */
async function spendAll(apiKey: string) {
  const openai = new OpenAI({ baseURL: `${house.stack.url}v1`, apiKey, maxRetries: 0 });
  let most = ANSWER_TOKENS;
  let answered = 0;
  const refusals: APIError[] = [];
  const chat = house.stack.script;
  house.stack.script = () => words(most * 0.9);
  const messages = [{ role: "user" as const, content: "Write." }];
  for (let asked = 0; asked < REQUESTS_MAX; asked++) {
    const done = await openai.chat.completions
      .create({ model: STAGED_MODEL, max_tokens: most, messages })
      .catch((error: unknown) => error);
    if (!(done instanceof APIError)) {
      answered++;
      continue;
    }
    refusals.push(done);
    const covered = /covers (\d+) tokens/.exec(done.message);
    if (covered === null) break;
    most = Number(covered[1]);
  }
  house.stack.script = chat;
  return { refusals, answered };
}

/** About a token each, in pieces as an engine sends them. */
async function* words(count: number): AsyncGenerator<string> {
  for (let word = 0; word < count; word++) yield "word ";
}
