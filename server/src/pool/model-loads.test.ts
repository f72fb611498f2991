import { expect, test } from "vitest";
import { ModelLoads } from "./model-loads.ts";

const HOUR = 3_600_000;
const uses = (slots: number, busy: number, waiting: number) => new Map([["m", { slots, busy, waiting }]]);

test("a model's load is the mean of all looks: slots, the share of them at work, and jobs waiting", () => {
  const loads = new ModelLoads();
  loads.look(0, uses(4, 1, 0));
  loads.look(60_000, uses(4, 4, 3));
  loads.look(2 * HOUR, uses(1, 1, 0));
  // Its machines left: the look counts all the same.
  loads.look(2 * HOUR + 60_000, new Map());
  expect(loads.of("m")).toEqual({ looks: 4, slots: 2.25, busy: 0.667, waiting: 0.75 });
});

test("nothing is known before the first look, and of a model that nobody serves or asks for only that", () => {
  const loads = new ModelLoads();
  expect(loads.of("m")).toBeNull();
  loads.look(0, uses(1, 0, 0));
  expect(loads.of("other")).toEqual({ looks: 1, slots: 0, busy: 0, waiting: 0 });
});

test("a day is kept and no more, and leases of machines that are going never make a model more than busy", () => {
  const loads = new ModelLoads();
  for (let hour = 0; hour < 100; hour++) loads.look(hour * HOUR, uses(2, hour < 90 ? 0 : 2, 0));
  expect(loads.of("m")).toMatchObject({ looks: 24, busy: 0.417 });
  loads.look(1_000 * HOUR, uses(1, 5, 0));
  expect(loads.of("m")).toEqual({ looks: 1, slots: 1, busy: 1, waiting: 0 });
});

test("a clock that is set back begins anew", () => {
  const loads = new ModelLoads();
  loads.look(50 * HOUR, uses(8, 8, 8));
  loads.look(HOUR, uses(2, 1, 0));
  expect(loads.of("m")).toMatchObject({ looks: 1, slots: 2 });
});
