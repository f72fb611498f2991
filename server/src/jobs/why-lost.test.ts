import { expect, test } from "vitest";
import { FailureCode } from "@starai/protocol/worker-frames";
import { WhyLost } from "@starai/protocol/contributor";
import { whyLost } from "./why-lost.ts";

test.each([
  ["connection_closed", "dropped"],
  ["replaced", "dropped"],
  ["stalled", "stalled"],
  ["too_slow", "slow"],
  ["overtaken", "late"],
  ["false frame: the text is not what the token ids say", "other_ids"],
  ["false frame: a token id is not in the vocabulary", "other_ids"],
  ["false frame: the text leaves the form that was asked for", "form"],
  ["false frame: more than the 40 tokens asked for", "too_long"],
  ["false end: it ended before the form was whole", "false_end"],
  ["out of order: frame 3 came where 2 was expected", "disorder"],
  ["busy: no slot is free", "refused"],
  ["engine_crashed: connection_closed", "engine"],
  ["out_of_memory:", "memory"],
])("an attempt that ended with “%s” went wrong as %s", (end, why) => {
  expect(whyLost(end)).toBe(why);
});

test.each([
  "done",
  "server_restarted",
  "server_stopped",
  "cancelled",
  "deadline",
  "context_overflow",
  "an empty answer",
  "shutting_down: stalled",
  "internal",
  "a word of another version: busy",
  "",
])("an attempt that ended with “%s” went wrong by nobody's fault", (end) => {
  expect(whyLost(end)).toBeNull();
});

test("each failure that a worker can tell of has a reason but stopping, and each reason can be read off an end", () => {
  const told = FailureCode.options.filter((code) => whyLost(`${code}: words`) === null);
  expect(told).toEqual(["shutting_down"]);
  const others = [
    "connection_closed",
    "stalled",
    "too_slow",
    "overtaken",
    "false end:",
    "out of order:",
    "false frame: other words",
    "false frame: more than 9 characters",
    "false frame: the text leaves the form",
  ];
  const ends = [...FailureCode.options.map((code) => `${code}:`), ...others];
  expect(new Set(ends.map(whyLost).filter((why) => why !== null))).toEqual(new Set(WhyLost.options));
});
