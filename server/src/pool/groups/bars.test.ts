import { expect, test } from "vitest";
import { Bars } from "./bars.ts";

const MINUTE = 60_000;
const node = { worker: "n", head: null };

test("a machine is barred for a minute, then twice as long each time, and for half an hour at most", () => {
  const bars = new Bars();
  let now = 0;
  for (const minutes of [1, 2, 4, 8, 16, 30, 30]) {
    bars.bar(node, now);
    expect(bars.all(now)).toMatchObject([{ ...node, until: now + minutes * MINUTE }]);
    now += minutes * MINUTE;
  }
});

test("a bar is forgotten an hour after its end, and not before", () => {
  const bars = new Bars();
  bars.bar(node, 0);
  bars.bar(node, 60 * MINUTE);
  expect(bars.all(60 * MINUTE)).toMatchObject([{ until: 62 * MINUTE }]);
  expect(bars.all(122 * MINUTE)).toEqual([]);
  bars.bar(node, 122 * MINUTE);
  expect(bars.all(122 * MINUTE)).toMatchObject([{ until: 123 * MINUTE }]);
});

test("a head's bar is its own: it neither lengthens another's nor everybody's", () => {
  const bars = new Bars();
  bars.bar({ worker: "n", head: "a" }, 0);
  bars.bar({ worker: "n", head: "b" }, 0);
  bars.bar(node, 0);
  expect(bars.all(0).map(({ until }) => until)).toEqual([MINUTE, MINUTE, MINUTE]);
});

test("bars without end take no memory without end", () => {
  const bars = new Bars();
  for (let worker = 0; worker < 10_050; worker++) bars.bar({ worker: `w${worker}`, head: null }, 0);
  expect(bars.all(0)).toHaveLength(10_000);
  expect(bars.all(0)[0]).toMatchObject({ worker: "w50" });
});
