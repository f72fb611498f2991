import { expect, test } from "vitest";
import type { GroupFrame } from "@starai/protocol/split";
import { groupEventWords, groupWords, partWords, timeLeftWords } from "./group-words.ts";

const secret = "ab".repeat(32);
const frame = {
  type: "group",
  group: "5a6f1a52-7f5c-4c0e-9d8f-6b1f0f3a8a11",
  model: "qwen2.5-coder-1.5b",
  sha256: secret,
  contextTokens: 2_048,
  slots: 1,
  kvType: "f16",
} as const;
const node: GroupFrame = {
  ...frame,
  part: {
    kind: "node",
    place: 0,
    firstLayer: 14,
    layers: 14,
    head: { worker: secret, name: "brave-otter" },
    secret,
  },
};
const headWith = (layers: number): GroupFrame => ({
  ...frame,
  part: {
    kind: "head",
    layers,
    nodes: [
      { worker: secret, name: "calm-fox\u001b[2J", layers: 9, secret, direct: null },
      { worker: secret, name: "quick-hare", layers: 1, secret, direct: null },
    ],
  },
});

test("a node is told its layers and its head, a head who has which", () => {
  expect(partWords(node)).toBe("layers 15–28 of qwen2.5-coder-1.5b, head: brave-otter");
  expect(partWords(headWith(18))).toBe(
    "head of qwen2.5-coder-1.5b with layers 1–18 and the output; layers 19–27: calm-fox[2J, layer 28: quick-hare",
  );
  expect(partWords(headWith(0))).toContain("with the output; layers 1–9: calm-fox");
});

test("names of strangers cannot move the cursor", () => {
  expect(partWords(headWith(18))).not.toContain("\u001b");
});

test("how a part stands is told in words, and why it ended", () => {
  const part = "layers 1–2 of m, head: h";
  const fetching = { kind: "preparing", done: 0.5, words: "fetching m, 3 minutes left" } as const;
  expect(groupWords({ part, stage: fetching })).toBe(`${part}; fetching m, 3 minutes left: 50 %`);
  expect(groupWords({ part, stage: { kind: "up" } })).toBe(part);
  expect(groupEventWords({ part, stage: { kind: "ended", reason: "a node was lost" } })).toContain("a node was lost");
});

test("the time left is told in minutes once something tells how fast it is", () => {
  expect(timeLeftWords({ doneShare: 0, forMs: 5_000 })).toBeNull();
  expect(timeLeftWords({ doneShare: 0.25, forMs: 60_000 })).toBe("3 minutes left");
  expect(timeLeftWords({ doneShare: 0.9, forMs: 60_000 })).toBe("a minute left");
});
