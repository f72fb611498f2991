/** What the official `openai` client makes of refusals about money: their status, type and code, and whether it asks again. */
import { HTTP_STATUS, Refusal } from "@starai/server/errors";
import { officialErrorBody, retryAfterOf } from "@starai/server/gateway/error-body";
import OpenAI, { APIError, InternalServerError } from "openai";
import { expect, test } from "vitest";

/** The error that the client throws when each of its requests is refused so, and how many there were. */
async function askRefused(refusal: Refusal, maxRetries: number): Promise<{ error: unknown; asked: number }> {
  let asked = 0;
  const refuse = async () => {
    asked++;
    const after = retryAfterOf(refusal);
    const headers = after === undefined ? new Headers() : new Headers({ "retry-after": String(after) });
    headers.set("content-type", "application/json");
    return new Response(JSON.stringify(officialErrorBody(refusal)), { status: HTTP_STATUS[refusal.code], headers });
  };
  const client = new OpenAI({ baseURL: "http://127.0.0.1/v1", apiKey: "any", fetch: refuse, maxRetries });
  try {
    await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "Hello" }] });
  } catch (error) {
    return { error, asked };
  }
  throw new Error("it was not refused");
}

test.each([
  ["payment_required", "insufficient_quota"],
  ["cap_reached", "cap_reached"],
] as const)("%s is an error of status 402 with the code %s, which is not asked again", async (code, official) => {
  const { error, asked } = await askRefused(new Refusal(code, "Your balance is 0; top it up in the app."), 2);
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({
    status: 402,
    type: "insufficient_quota",
    code: official,
    message: "402 Your balance is 0; top it up in the app.",
  });
  expect(asked).toBe(1);
});

test("payments_paused is a server error with the time to wait", async () => {
  const { error, asked } = await askRefused(new Refusal("payments_paused", "No rate; nothing was charged."), 0);
  expect(error).toBeInstanceOf(InternalServerError);
  expect(error).toMatchObject({ status: 503, type: "server_error", code: "payments_paused" });
  expect((error as APIError).headers?.get("retry-after")).toBe("30");
  expect(asked).toBe(1);
});

test("payments_paused is asked again by itself, after the time that the refusal names", async () => {
  const { asked } = await askRefused(new Refusal("payments_paused", "No rate.", { retryAfterS: 1 }), 1);
  expect(asked).toBe(2);
});
