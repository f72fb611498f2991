import * as fc from "fast-check";
import { expect, test } from "vitest";
import { drawsFrom } from "../draws.ts";
import { anyProblem, everyPlacement, placementsOf } from "./test-problems.ts";
import { evaluatePlacement } from "./evaluate.ts";
import { makePlan } from "./plan.ts";
import { movedLayers, replanAfterLoss } from "./replan.ts";
import { layersMax } from "./problem.ts";
import type { Placement } from "./problem.ts";

const PLACEMENTS_MAX = 20_000;

const movedBetween = (was: Placement, next: Placement): number =>
  next.reduce((sum, range, at) => sum + movedLayers(was[at]!, range), 0);

test("after a loss nothing is moved without need, no memory is exceeded, and no move of one machine would be less", () => {
  const seen = { still: 0, moved: 0 };
  fc.assert(
    fc.property(
      anyProblem({ nodesMax: 5, layersMax: 6, links: false }),
      fc.nat(4),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      (problem, any, part) => {
        fc.pre(placementsOf(problem) <= PLACEMENTS_MAX);
        const plan = makePlan(problem, { objective: "throughput", draw: drawsFrom(1) });
        if (plan.kind === "refusal") return;
        const lost = any % problem.nodes.length;
        const tokensPerS = plan.tokensPerS * part;
        const next = replanAfterLoss(problem, { placement: plan.placement, lost, tokensPerS });
        const now = plan.placement.map((range, at) => (at === lost ? null : range));
        if (next === null) return;
        expect(next.placement[lost]).toBeNull();
        expect(next.movedLayers).toBe(movedBetween(now, next.placement));
        expect(next.tokensPerS).toBeCloseTo(evaluatePlacement(problem, next.placement), 5);
        const exceeded = next.placement.filter(
          (range, at) => range && range.to - range.from > layersMax(problem.nodes[at]!),
        );
        expect(exceeded).toEqual([]);
        const still = evaluatePlacement(problem, now) >= tokensPerS;
        expect(still && next.movedLayers > 0).toBe(false);
        seen[still ? "still" : "moved"]++;
        if (still) return;
        for (const other of everyPlacement(problem)) {
          const changed = other.filter(
            (range, at) => movedBetween([now[at]!], [range]) > 0 || (range === null) !== (now[at] === null),
          );
          if (other[lost] !== null || changed.length > 1) continue;
          if (evaluatePlacement(problem, other) < tokensPerS + 1e-6) continue;
          expect(next.tokensPerS).toBeGreaterThanOrEqual(tokensPerS * (1 - 1e-9));
          expect(next.movedLayers).toBeLessThanOrEqual(movedBetween(now, other));
        }
      },
    ),
  );
  expect(Math.min(seen.still, seen.moved)).toBeGreaterThan(3);
});
