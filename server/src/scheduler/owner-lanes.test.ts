import * as fc from "fast-check";
import { expect, test } from "vitest";
import { OwnerLanes } from "./owner-lanes.ts";

const owners = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 60 });

test("between two turns of one owner everybody else who waits has one turn, whoever asked more", () => {
  fc.assert(
    fc.property(owners, (asked) => {
      const lanes = new OwnerLanes<{ owner: string; nth: number }>(100);
      asked.forEach((owner, nth) => lanes.push(owner, { owner, nth }));
      const waiting = new Map<string, number>();
      for (const owner of asked) waiting.set(owner, (waiting.get(owner) ?? 0) + 1);
      const served = lanes.drain();
      expect(served).toHaveLength(asked.length);
      for (let from = 0; from < served.length;) {
        const round = [...waiting].filter(([, left]) => left > 0).map(([owner]) => owner);
        const turns = served.slice(from, from + round.length).map(({ owner }) => owner);
        expect([...turns].sort()).toEqual([...round].sort());
        for (const owner of round) waiting.set(owner, waiting.get(owner)! - 1);
        from += round.length;
      }
      for (const owner of new Set(asked)) {
        const order = served.filter((one) => one.owner === owner).map(({ nth }) => nth);
        expect(order).toEqual([...order].sort((one, other) => one - other));
      }
    }),
  );
});

test("a full lane takes no more, and no other lane is shorter for it", () => {
  const lanes = new OwnerLanes<number>(2);
  expect([lanes.push("a", 1), lanes.push("a", 2), lanes.push("a", 3), lanes.push("b", 4)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(lanes.drain()).toEqual([1, 4, 2]);
  expect(lanes.push("a", 5)).toBe(true);
});
