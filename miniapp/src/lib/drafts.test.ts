import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DRAFTS_MAX, DRAFT_CHARS_MAX, openDrafts } from "./drafts.ts";

function storage(first: string | null = null) {
  const kept = new Map<string, string>();
  if (first !== null) kept.set("starai.drafts.7", first);
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test("the newest drafts are kept, in whatever order they are written", () => {
  const writes = fc.array(fc.tuple(fc.nat(60).map(String), fc.string({ minLength: 1 })), { maxLength: 120 });
  fc.assert(
    fc.property(writes, (written) => {
      const box = storage();
      const drafts = openDrafts(box, "7");
      const newest = new Map<string, string>();
      for (const [thread, text] of written) {
        drafts.write(thread, text);
        newest.delete(thread);
        if (text.trim() !== "") newest.set(thread, text);
      }
      for (const [thread, text] of [...newest].slice(-DRAFTS_MAX)) expect(drafts.read(thread)).toBe(text);
      expect(box.kept.size).toBe(Math.min(newest.size, 1));
    }),
  );
});

test("a draft that does not fit beside newer ones is dropped, and an emptied one is removed", () => {
  const drafts = openDrafts(storage(), "7");
  drafts.write("old", "x".repeat(DRAFT_CHARS_MAX - 10));
  drafts.write("new", "y".repeat(20));
  expect([drafts.read("old"), drafts.read("new").length]).toEqual(["", 20]);
  drafts.write("new", "  ");
  expect(drafts.read("new")).toBe("");
});

test.each(["nonsense", "7", '{"a":1}', '[["a"],["b",2],["c","kept"]]'])(
  "the valid entries of damaged storage are read: %s",
  (json) => {
    const drafts = openDrafts(storage(json), "7");
    expect(drafts.read("a") + drafts.read("b")).toBe("");
    expect(drafts.read("c")).toBe(json.includes("kept") ? "kept" : "");
  },
);

test("drafts are not visible to another person on this device", () => {
  const box = storage();
  openDrafts(box, "7").write("t", "mine");
  expect(openDrafts(box, "8").read("t")).toBe("");
});
