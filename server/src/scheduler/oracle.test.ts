import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decide, turnsOf } from "./decide.ts";
import { fairOrder } from "./fair-queue.ts";
import { forecast } from "./forecast.ts";
import { oracleDecide, oracleForecast, oracleOrder } from "../testing/dispatch-oracle.ts";
import { anySnapshot } from "../testing/worker-views.ts";

const MANY = { numRuns: 500 };

test("every decision is the one that asking each worker for each job would reach", () => {
  fc.assert(
    fc.property(anySnapshot, fc.nat(), (snapshot, seed) => {
      expect(decide(snapshot, seed)).toEqual(oracleDecide(snapshot, seed));
    }),
    MANY,
  );
});

test("every forecast is the one that playing each slot of each worker would give", () => {
  fc.assert(
    fc.property(anySnapshot, (snapshot) => {
      expect(forecast(snapshot)).toEqual(oracleForecast(snapshot));
    }),
    MANY,
  );
});

test("the queue's order is the one that comparing every waiting job at every turn would give", () => {
  fc.assert(
    fc.property(anySnapshot, (snapshot) => {
      expect(fairOrder(snapshot.waiting, turnsOf(snapshot))).toEqual(oracleOrder(snapshot.waiting, snapshot));
    }),
    MANY,
  );
});
