/** Telegram's faults as people and operators read them: what became of the money, and never the token. */
import { Api } from "grammy";
import { expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { lineOf } from "./statement.ts";
import { askTelegram, openTelegram, wordOf } from "./telegram.ts";

const TOKEN = "700000:the-token-of-a-test-0123456789abcde";

function telegramThat(answer: () => Response) {
  const send = async () => answer();
  return { telegram: new Api(TOKEN, { apiRoot: "http://telegram", fetch: send as never }) };
}

const refusing = (error_code: number, description: string, parameters = {}) =>
  telegramThat(() => Response.json({ ok: false, error_code, description, parameters }));

const refusalOf = async (ctx: Parameters<typeof askTelegram>[0]): Promise<Refusal> => {
  const refusal = await askTelegram(ctx, (api) => api.refundStarPayment(42, "charge")).catch((error: unknown) => error);
  if (!(refusal instanceof Refusal)) throw new Error("not refused");
  return refusal;
};

test("without a token nobody can pay, and the sentence says which setting is missing", async () => {
  const telegram = openTelegram({ botToken: null, botApiRoot: "https://api.telegram.org" });
  expect(await refusalOf({ telegram })).toMatchObject({
    code: "not_configured",
    message: expect.stringContaining("BOT_TOKEN"),
  });
});

test("silence is told as what it is: nobody knows, and asking again is safe", async () => {
  const refusal = await refusalOf(
    telegramThat(() => {
      throw new TypeError(`fetch failed: http://telegram/bot${TOKEN}/refundStarPayment`);
    }),
  );
  expect(refusal).toMatchObject({ code: "interrupted", message: expect.stringContaining("Asking again is safe") });
  expect(refusal.message).not.toContain(TOKEN);
});

test("a busy Telegram says when to come back, and a refusal repeats its word", async () => {
  expect(await refusalOf(refusing(429, "Too Many Requests", { retry_after: 7 }))).toMatchObject({
    code: "interrupted",
    retryAfterS: 7,
  });
  expect(await refusalOf(refusing(502, "Bad Gateway"))).toMatchObject({ code: "interrupted" });
  const refusal = await refusalOf(refusing(400, "Bad Request: CHARGE_NOT_FOUND"));
  expect(refusal).toMatchObject({ code: "conflict", message: expect.stringContaining("CHARGE_NOT_FOUND") });
  expect(wordOf(refusal)).toBe("Bad Request: CHARGE_NOT_FOUND");
  expect(wordOf(new Error("other"))).toBeNull();
});

test("of the statement only people's payments and their refunds are read", () => {
  const user = { id: 42, is_bot: false, first_name: "", last_name: "x".repeat(300) };
  const partner = { type: "user", transaction_type: "invoice_payment", user, invoice_payload: "order" } as const;
  const line = { id: "c", amount: 50, date: 1 };
  const read = { charge: "c", payload: "order", stars: 50, at: 1, periodS: null };
  expect(lineOf({ ...line, source: partner })).toMatchObject({ ...read, direction: "paid" });
  expect(lineOf({ ...line, source: partner })?.payer.name).toHaveLength(200);
  expect(lineOf({ ...line, receiver: { ...partner, subscription_period: 60 } })).toMatchObject({
    ...read,
    direction: "refunded",
    periodS: 60,
  });
  const others = [
    { ...line, receiver: { type: "fragment" } },
    { ...line, source: { ...partner, transaction_type: "gift_purchase" } },
    line,
  ] as const;
  expect(others.map(lineOf)).toEqual([null, null, null]);
});
