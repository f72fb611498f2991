import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ThreadMessage, ThreadView } from "../../lib/api.ts";
import { MESSAGES_KEPT_MAX, mergeNewest, prependOlder } from "./merge-branch.ts";

const PAGE = 5;

/** The stretch that ends at `end` of a branch of numbered messages, as the server returns it. */
function stretch(end: number, name = "m", length = PAGE): ThreadView {
  const first = Math.max(0, end - length + 1);
  const messages = Array.from({ length: end - first + 1 }, (_, at) => message(first + at, name));
  const facts = { id: "t", title: "", current: false, pinned: false, archived: false, updatedAt: "" };
  const choices = { model: null, modelName: "M", persona: null, instructions: "" };
  return { ...facts, ...choices, messages, before: first === 0 ? null : `${name}${first}` };
}

function message(at: number, name: string): ThreadMessage {
  const id = `${name}${at}`;
  const parent = at === 0 ? null : `${name}${at - 1}`;
  return { id, parent, role: at % 2 === 0 ? "user" : "assistant", text: id, createdAt: "", run: null, siblings: [id] };
}

const ids = (view: ThreadView) => view.messages.map(({ id }) => id);
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `m${from + at}`);

describe("a branch read in stretches", () => {
  test("has no gaps or duplicates, however it grows and however far up it was read", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.array(fc.oneof(fc.constant("older" as const), fc.nat(PAGE - 1))), (end, events) => {
        let last = end;
        let view = stretch(last);
        for (const event of events) {
          const first = Number(view.messages[0]?.id.slice(1));
          if (event === "older") view = first === 0 ? view : prependOlder(view, stretch(first - 1));
          else view = mergeNewest(view, stretch((last += event)));
        }
        const first = Number(view.messages[0]?.id.slice(1));
        expect(ids(view)).toEqual(numbered(first, last));
        expect(view.before).toBe(first === 0 ? null : `m${first}`);
      }),
    );
  });

  test("drops the messages above when the newest stretch is of another branch, or does not join", () => {
    const known = prependOlder(stretch(9), stretch(4));
    expect(ids(mergeNewest(known, stretch(9, "other")))).toEqual(ids(stretch(9, "other")));
    expect(ids(mergeNewest(known, stretch(40)))).toEqual(ids(stretch(40)));
    expect(prependOlder(stretch(9, "other"), stretch(4))).toEqual(stretch(9, "other"));
  });

  test("cannot grow without limit", () => {
    const known = stretch(MESSAGES_KEPT_MAX + 50, "m", MESSAGES_KEPT_MAX + 50);
    const merged = mergeNewest(known, stretch(MESSAGES_KEPT_MAX + 52));
    expect(merged.messages).toHaveLength(MESSAGES_KEPT_MAX);
    expect(merged.before).toBe(merged.messages[0]?.id);
  });
});
