import { translator } from "@starai/protocol/texts";
import { expect, test } from "vitest";
import { WhyLost, WhyNot } from "@starai/protocol/contributor";
import type { EarningHour, MachineView } from "@starai/protocol/contributor";
import { closingOf, coinsOf, heldUntil, lastDay, readable, skippedText, whyOf } from "./machine-words.ts";

const epoch = { number: 4, endsAt: "2026-11-30T12:00:00.000Z", seconds: 86_400, claimableAt: null };
const machine: MachineView = {
  worker: "a".repeat(64),
  name: "Rack",
  version: "0.1.0",
  online: true,
  lastSeenAt: "2026-11-30T00:00:00.000Z",
  pairedAt: "2026-11-29T00:00:00.000Z",
  models: [],
  askPercent: 100,
  tokensPerS: 0,
  running: 0,
  earning: "0",
  heldUntilEpoch: null,
  why: [],
  reason: null,
  temperatureC: null,
  day: { uptime: 0, jobs: 0, failed: 0, earned: "0", skipped: [] },
};
const hour = (jobs: number, uptime: number): EarningHour => ({
  hour: "2026-11-30T00:00:00.000Z",
  earned: "0",
  jobs,
  failed: 0,
  tokens: 0,
  uptime,
});

test("an epoch after the running one closes as many epochs later; one that is over does not move it back", () => {
  expect(closingOf(4, epoch).toISOString()).toBe("2026-11-30T12:00:00.000Z");
  expect(closingOf(6, epoch).toISOString()).toBe("2026-12-02T12:00:00.000Z");
  expect(closingOf(2, epoch).toISOString()).toBe("2026-11-30T12:00:00.000Z");
});

test("pay is held back until the last of the machines' is released; without a new machine it is not", () => {
  const machines = [machine, { ...machine, heldUntilEpoch: 5 }, { ...machine, heldUntilEpoch: 4 }];
  expect(heldUntil({ machines, epoch })?.toISOString()).toBe("2026-12-01T12:00:00.000Z");
  expect(heldUntil({ machines: [machine], epoch })).toBeNull();
});

test("the last day has no more than 24 hours", () => {
  const hours = [...Array.from({ length: 24 }, () => hour(9, 0)), ...Array.from({ length: 24 }, () => hour(1, 0.5))];
  expect(lastDay(hours)).toEqual({ jobs: 24, uptime: 0.5 });
  expect(lastDay([])).toEqual({ jobs: 0, uptime: 0 });
});

test.each(["en", "ru"] as const)("every reason is a sentence, and the pool's own words come last: %s", (language) => {
  const t = translator(language);
  const why = WhyNot.options;
  const sentences = whyOf({ t, language, coin: "GRAM" }, { ...machine, why, reason: "3 answers failed" });
  expect(sentences).toHaveLength(11);
  expect(sentences.every((sentence) => !sentence.startsWith("machine.why") && !sentence.includes("{{"))).toBe(true);
  expect(sentences[4]).toContain("5 GRAM");
  expect(sentences.at(-1)).toContain("3 answers failed");
});

test.each(["en", "ru"] as const)(
  "every reason why others got answers or an attempt went wrong has words: %s",
  (language) => {
    const t = translator(language);
    const words = [
      ...WhyNot.options.map((why) => t(`machine.skipped.${why}`)),
      ...WhyLost.options.map((why) => t(`machine.lost.${why}`)),
    ];
    expect(new Set(words).size).toBe(WhyNot.options.length + WhyLost.options.length);
    expect(words.filter((text) => text.startsWith("machine."))).toEqual([]);
  },
);

test("jobs that others got are counted, and looks without a job are a time", () => {
  expect(skippedText({ why: "slow", count: 1_204 }, "en")).toBe("1,204");
  expect(skippedText({ why: "no_demand", count: 90 }, "en")).toBe("15 min");
  expect(skippedText({ why: "no_demand", count: 1_152 }, "en")).toBe("3.2 hr");
  expect(skippedText({ why: "no_demand", count: 1_152 }, "ru")).toBe("3,2 ч");
});

test("evidence is laid out to be read, and what is no JSON stays as it is", () => {
  expect(readable('{"jobs":[{"tokens":312}]}')).toContain('"tokens": 312');
  expect(readable("copied")).toBe("copied");
});

test("what is plotted is in coins", () => {
  expect(coinsOf("1500000000")).toBe(1.5);
});
