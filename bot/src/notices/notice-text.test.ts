/** What people are told of their balances and machines, in both languages. */
import { expect, test } from "vitest";
import type { Notice, NoticeParams } from "@starai/protocol/notices";
import { noticeMessage } from "./notice-text.ts";

const APP = "https://app.example/app/";
const notice = (params: NoticeParams, language = "en"): Notice => ({
  id: "00000000-0000-4000-8000-000000000000",
  telegramId: 1,
  language,
  coin: "GRAM",
  link: null,
  params,
});

const ALL: NoticeParams[] = [
  { kind: "machine_offline", name: "Rack", since: "2026-11-29T10:00:00.000Z" },
  { kind: "claim_ready", amount: "1500000000", epoch: 7 },
  { kind: "slash_proposed", amount: "2000000000", reason: "Copied answers." },
  { kind: "low_balance", paidWith: "coin", left: "41203" },
  { kind: "low_balance", paidWith: "stars", left: "41203" },
  { kind: "worker_update", version: "0.2.0", machines: 3 },
  ...(["cancelled", "executed", "expired"] as const).map(
    (outcome) => ({ kind: "slash_ended", amount: "2000000000", outcome }) as const,
  ),
  { kind: "deposit_given", amount: "1500000000" },
  { kind: "appeal_answered", note: "It was my cat.", reply: "We looked at it." },
];

test.each(ALL)("$kind is a whole sentence in both languages", (params) => {
  for (const language of ["en", "ru"]) {
    const { text } = noticeMessage(notice(params, language), APP);
    expect(text).not.toMatch(/\{\{|^notice\./);
    expect(text.length).toBeGreaterThan(40);
  }
});

test("a button leads to the machines in the app, where there is one", () => {
  const { keyboard } = noticeMessage(notice(ALL[0]!), APP);
  expect(JSON.stringify(keyboard)).toContain("tgWebAppStartParam=machines");
  expect(noticeMessage(notice(ALL[0]!), null).keyboard).toBeNull();
  expect(noticeMessage(notice({ kind: "worker_update", version: "0.2.0", machines: 3 }), APP).keyboard).toBeNull();
});

test("a low balance names what is left, and its button sells Stars and nothing else", () => {
  const [coin, stars] = (["coin", "stars"] as const).map((paidWith) =>
    noticeMessage(notice({ kind: "low_balance", paidWith, left: "41203" }), APP),
  );
  expect(coin!.text).toContain("0.000041203 GRAM is left");
  expect(stars!.text).toContain("Stars: 0.000041203");
  expect(stars!.text).not.toContain("GRAM");
  expect(JSON.stringify(coin!.keyboard)).toContain('"callback_data":"topup"');
});

test("a reply quotes what was written, and neither is markup", () => {
  const params: NoticeParams = { kind: "appeal_answered", note: "<b>My</b> cat", reply: "Was it <i>hungry</i>?" };
  for (const language of ["en", "ru"]) {
    const { text, keyboard } = noticeMessage(notice(params, language), APP);
    expect(text).toContain("<blockquote>&lt;b&gt;My&lt;/b&gt; cat</blockquote>");
    expect(text).toContain("Was it &lt;i&gt;hungry&lt;/i&gt;?");
    expect(JSON.stringify(keyboard)).toContain("tgWebAppStartParam=machines");
  }
});

test("the longest note with the longest reply fits into one message", () => {
  const params: NoticeParams = { kind: "appeal_answered", note: "x".repeat(1_000), reply: "y".repeat(1_000) };
  for (const language of ["en", "ru"])
    expect(noticeMessage(notice(params, language), APP).text.length).toBeLessThan(4_096);
});

test("names that strangers chose are no markup", () => {
  const params: NoticeParams = {
    kind: "machine_offline",
    name: "<a href='x'>Rack</a>",
    since: "2026-11-29T10:00:00.000Z",
  };
  expect(noticeMessage(notice(params), APP).text).not.toContain("<a");
});
