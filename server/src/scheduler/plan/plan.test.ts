import * as fc from "fast-check";
import { expect, test } from "vitest";
import { drawsFrom } from "../draws.ts";
import { anyProblem, everyPlacement, placementsOf } from "./test-problems.ts";
import { upperBound } from "./bounds.ts";
import { coverage } from "./coverage.ts";
import { evaluatePlacement } from "./evaluate.ts";
import { withinGroups } from "./groups.ts";
import { makePlan } from "./plan.ts";
import type { Asked, Plan } from "./plan.ts";
import { FREE_LINKS, layersMax, withKinds } from "./problem.ts";
import type { LayerRange, Placement, PlanProblem } from "./problem.ts";

/** What is the same but for rounding. */
const near = (value: number): number => value * (1 + 1e-6) + 1e-6;

/** Brute force looks at so many placements at most. */
const PLACEMENTS_MAX = 30_000;

const anySmall = fc.boolean().chain((links) => anyProblem({ nodesMax: 6, layersMax: 8, links }));
const anyObjective = fc.constantFrom<Asked["objective"]>("throughput", "latency", "cost");

function evaluated(problem: PlanProblem, { placement, groups }: Plan): number {
  return evaluatePlacement(groups ? withinGroups(problem, groups) : problem, placement);
}

test("a plan holds every layer, no machine holds more than its memory, and it carries what an independent check says", () => {
  let plans = 0;
  fc.assert(
    fc.property(anySmall, anyObjective, fc.nat(12), (problem, objective, tokensPerS) => {
      const plan = makePlan(problem, { objective, tokensPerS, draw: drawsFrom(1) });
      if (plan.kind === "refusal") return;
      plans++;
      const held = new Set<number>();
      for (const [at, range] of plan.placement.entries()) {
        if (range === null) continue;
        expect(range.from).toBeGreaterThanOrEqual(0);
        expect(range.to).toBeLessThanOrEqual(problem.layers);
        expect(range.to - range.from).toBeLessThanOrEqual(layersMax(problem.nodes[at]!));
        for (let layer = range.from; layer < range.to; layer++) held.add(layer);
      }
      expect(held.size).toBe(problem.layers);
      expect(plan.tokensPerS).toBeCloseTo(evaluated(problem, plan), 5);
      expect(plan.tokensPerS).toBeLessThanOrEqual(near(upperBound(problem).tokensPerS));
      expect(objective === "throughput" || near(plan.tokensPerS) >= tokensPerS).toBe(true);
      expect(plan.gap).toBeGreaterThanOrEqual(0);
    }),
  );
  expect(plans).toBeGreaterThan(10);
});

test("of few machines nothing beats the plan or its bound, whatever is placed where", () => {
  let proved = 0;
  fc.assert(
    fc.property(anySmall, (problem) => {
      fc.pre(placementsOf(problem) <= PLACEMENTS_MAX);
      const plan = makePlan(problem, { objective: "throughput", draw: drawsFrom(1) });
      let most = 0;
      for (const placement of everyPlacement(problem)) {
        if (coverage(problem, placement) > most) most = Math.max(most, evaluatePlacement(problem, placement));
      }
      const { tokensPerS, bound, gap } = plan.kind === "plan" ? plan : { tokensPerS: 0, bound: 0, gap: 0 };
      expect(tokensPerS).toBeCloseTo(most, 5);
      expect(most).toBeLessThanOrEqual(near(bound));
      expect(gap).toBeLessThan(1e-6);
      proved += plan.kind === "plan" ? 1 : 0;
    }),
  );
  expect(proved).toBeGreaterThan(10);
});

test("one machine more never lowers the bound", () => {
  fc.assert(
    fc.property(anySmall, (problem) => {
      const fewer = { ...problem, nodes: problem.nodes.slice(0, -1) };
      if (fewer.nodes.length === 0) return;
      expect(near(upperBound(problem).tokensPerS)).toBeGreaterThanOrEqual(upperBound(fewer).tokensPerS);
    }),
  );
});

test("no pipeline of few machines is quicker, or cheaper, than the plan's", () => {
  fc.assert(
    fc.property(
      anyProblem({ nodesMax: 4, layersMax: 5, links: true }),
      fc.integer({ min: 1, max: 6 }),
      (problem, tokensPerS) => {
        const chains = [...everyChain(problem)].filter((chain) => chain.tokensPerS >= tokensPerS);
        const quickest = makePlan(problem, { objective: "latency", tokensPerS, draw: drawsFrom(1) });
        const cheapest = makePlan(problem, { objective: "cost", tokensPerS, draw: drawsFrom(1) });
        expect(quickest.kind).toBe(cheapest.kind);
        expect(quickest.kind === "refusal" && chains.length > 0).toBe(false);
        if (quickest.kind === "refusal" || cheapest.kind === "refusal") return;
        for (const { seconds, price } of chains) {
          expect(quickest.secondsPerToken).toBeLessThanOrEqual(near(seconds));
          expect(cheapest.pricePerHour).toBeLessThanOrEqual(price);
        }
      },
    ),
  );
});

test("no route of a plan takes longer than was allowed, and what is refused for that cannot be done by one pipeline", () => {
  const outcomes = { plan: 0, refusal: 0 };
  const anyLimit = fc.double({ min: 0.05, max: 1, noNaN: true });
  fc.assert(
    fc.property(anyProblem({ nodesMax: 4, layersMax: 5, links: true }), anyLimit, (problem, secondsPerTokenMax) => {
      const plan = makePlan(problem, { objective: "throughput", secondsPerTokenMax, draw: drawsFrom(1) });
      outcomes[plan.kind]++;
      expect(plan.kind === "plan" && plan.secondsPerToken > near(secondsPerTokenMax)).toBe(false);
      const quick = [...everyChain(problem)].filter(
        ({ seconds, tokensPerS }) => tokensPerS > 0 && near(seconds) <= secondsPerTokenMax,
      );
      expect(plan.kind === "refusal" && quick.length > 0).toBe(false);
    }),
  );
  expect(Math.min(outcomes.plan, outcomes.refusal)).toBeGreaterThan(5);
});

test("hundreds of machines are planned the same by the same seed, near the bound, and checked independently", () => {
  const problem = manyCards(300, 5);
  const plan = (seed: number) => makePlan(problem, { objective: "throughput", draw: drawsFrom(seed) });
  const first = plan(3);
  expect(plan(3)).toEqual(first);
  if (first.kind === "refusal") throw new Error(first.message);
  expect(first.gap).toBeLessThan(0.06);
  expect(evaluatePlacement(problem, first.placement)).toBeCloseTo(first.tokensPerS, 3);
});

test("a check that cannot enter a machine in the middle, forgets a link or a speed, or counts a layer twice would be seen", () => {
  const speeds = [0, 30, 20, 10];
  const node = (id: string, up: number) => ({
    id,
    region: "a",
    speeds,
    stageS: speeds,
    upTokensPerS: up,
    downTokensPerS: 99,
    pricePerHour: 0n,
  });
  const problem: PlanProblem = {
    ...FREE_LINKS,
    layers: 4,
    bytesPerLayer: 1,
    nodes: withKinds([node("a", 99), node("b", 8), node("c", 99), node("d", 99)]),
    linkTokensPerS: (from, to) => (from === 0 && to === 3 ? 5 : 15),
  };
  const carried = (...ranges: ([number, number] | null)[]): number => {
    const placement: Placement = ranges.map((range): LayerRange | null => range && { from: range[0], to: range[1] });
    return evaluatePlacement(problem, placement);
  };
  expect(carried([0, 2], null, [2, 4], null)).toBe(15); // the link, not the speed of 20
  expect(carried([0, 3], null, [3, 4], null)).toBe(10); // the speed, not the link
  expect(carried([0, 3], null, [1, 4], null)).toBe(10); // entered in the middle
  expect(carried([0, 2], null, null, [2, 4])).toBe(5); // that very link
  expect(carried([0, 2], null, [1, 2], [2, 4])).toBe(5); // not around it by one that has nothing left to compute
  expect(carried(null, [0, 2], [2, 4], null)).toBe(8); // its own line
  expect(carried(null, [2, 4], [0, 2], null)).toBe(15); // which is not needed where nothing is sent
  expect(carried([0, 2], null, [2, 4], [2, 4])).toBe(20); // two ways on, together no more than the speed
  expect(carried([0, 2], null, [3, 4], null)).toBe(0); // a layer that nobody holds
  expect(carried([0, 2], [0, 2], [2, 4], null)).toBe(20); // what two bring is bound by the one after them
});

/** Cards of 6 to 24 GB with a model of 126 layers, as Llama 405B has them. */
function manyCards(count: number, seed: number): PlanProblem {
  const draw = drawsFrom(seed);
  const nodes = Array.from({ length: count }, (_, at) => {
    const most = [2, 3, 5, 7, 11][Math.floor(draw() * 5)]!;
    const speeds = [0, ...Array.from({ length: most }, (_, k) => ((0.5 + draw()) * most * 100) / (k + 1))];
    const stageS = speeds.map((speed) => (speed === 0 ? 0 : 1 / speed));
    return {
      id: `card-${at}`,
      region: "a",
      speeds,
      stageS,
      upTokensPerS: Infinity,
      downTokensPerS: Infinity,
      pricePerHour: 1n,
    };
  });
  return { layers: 126, bytesPerLayer: 2e9, nodes: withKinds(nodes), ...FREE_LINKS };
}

/** Every pipeline of every order and division of layers. */
function* everyChain(problem: PlanProblem): Generator<{ seconds: number; price: bigint; tokensPerS: number }> {
  const { layers, nodes, hopS, returnS, linkTokensPerS } = problem;
  interface Begun {
    readonly members: readonly number[];
    readonly held: number;
    readonly seconds: number;
    readonly price: bigint;
    readonly tokensPerS: number;
  }
  const begun: Begun[] = [{ members: [], held: 0, seconds: 0, price: 0n, tokensPerS: Number.POSITIVE_INFINITY }];
  for (const { members, held, seconds, price, tokensPerS } of begun) {
    const last = members.at(-1);
    if (held === layers) yield { seconds: seconds + returnS(last!, members[0]!), price, tokensPerS };
    for (const [at, node] of nodes.entries()) {
      if (members.includes(at)) continue;
      const link =
        last === undefined
          ? Infinity
          : Math.min(linkTokensPerS(last, at), nodes[last]!.upTokensPerS, node.downTokensPerS);
      const hop = last === undefined ? 0 : hopS(last, at);
      for (let k = 1; k < node.speeds.length && held + k <= layers; k++) {
        begun.push({
          members: [...members, at],
          held: held + k,
          seconds: seconds + hop + node.stageS[k]!,
          price: price + node.pricePerHour,
          tokensPerS: Math.min(tokensPerS, link, node.speeds[k]!),
        });
      }
    }
  }
}
