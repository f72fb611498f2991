import { expect, test } from "vitest";
import { readBotConfig } from "./config.ts";

const GOOD = { BOT_TOKEN: `123456:${"A".repeat(35)}`, STARAI_BOT_KEY: "k".repeat(32) };

test("a token and a key are enough: polling Telegram, the server on this machine", () => {
  expect(readBotConfig(GOOD)).toMatchObject({
    apiRoot: "https://api.telegram.org",
    mode: { kind: "polling" },
    serverUrl: "http://127.0.0.1:8080",
  });
});

test("a webhook needs its address and its secret", () => {
  const webhook = {
    BOT_MODE: "webhook",
    WEBHOOK_URL: "https://starai.example/telegram",
    WEBHOOK_SECRET: "s".repeat(32),
  };
  expect(readBotConfig({ ...GOOD, ...webhook }).mode).toEqual({
    kind: "webhook",
    url: webhook.WEBHOOK_URL,
    secret: webhook.WEBHOOK_SECRET,
  });
});

test("all faults are reported at once, and a webhook without its secret is one", () => {
  const faulty = { BOT_TOKEN: "nonsense", STARAI_BOT_KEY: "short", PORT: "no" };
  expect(() => readBotConfig(faulty)).toThrow(/BOT_TOKEN[\s\S]*STARAI_BOT_KEY[\s\S]*PORT/);
  expect(() => readBotConfig({ ...GOOD, BOT_MODE: "webhook", WEBHOOK_URL: "https://a.b/c" })).toThrow(/WEBHOOK_SECRET/);
});
