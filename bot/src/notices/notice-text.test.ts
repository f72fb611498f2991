/** What owners of machines are told, in both languages. */
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
  { kind: "worker_update", version: "0.2.0", machines: 3 },
  ...(["cancelled", "executed", "expired"] as const).map(
    (outcome) => ({ kind: "slash_ended", amount: "2000000000", outcome }) as const,
  ),
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
  expect(noticeMessage(notice(ALL[3]!), APP).keyboard).toBeNull();
});

test("names that strangers chose are no markup", () => {
  const params: NoticeParams = {
    kind: "machine_offline",
    name: "<a href='x'>Rack</a>",
    since: "2026-11-29T10:00:00.000Z",
  };
  expect(noticeMessage(notice(params), APP).text).not.toContain("<a");
});
