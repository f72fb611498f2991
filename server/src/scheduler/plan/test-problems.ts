/** Random problems for the planner's laws. */
import * as fc from "fast-check";
import { withKinds } from "./problem.ts";
import type { LayerRange, Placement, PlanProblem } from "./problem.ts";

interface Sizes {
  readonly nodesMax: number;
  readonly layersMax: number;
  /** Whether links and lines may be what is short. */
  readonly links: boolean;
}

/** Small whole numbers, so that equal speeds, ties and machines that hold nothing are common. */
export function anyProblem({ nodesMax, layersMax, links }: Sizes): fc.Arbitrary<PlanProblem> {
  return fc.integer({ min: 1, max: layersMax }).chain((layers) => {
    const anySpeeds = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: layers });
    const anyLine = links ? fc.constantFrom(4, 11, Number.POSITIVE_INFINITY) : fc.constant(Number.POSITIVE_INFINITY);
    const anyNode = fc.record({
      speeds: anySpeeds,
      region: fc.constantFrom("a", "b"),
      up: anyLine,
      down: anyLine,
      price: fc.nat(9),
    });
    const anyLink = links ? fc.constantFrom(0, 3, 7, 20, 1_000) : fc.constant(Number.POSITIVE_INFINITY);
    return fc
      .array(anyNode, { minLength: 1, maxLength: nodesMax })
      .chain((nodes) =>
        fc.tuple(fc.constant(nodes), fc.array(anyLink, { minLength: nodes.length ** 2, maxLength: nodes.length ** 2 })),
      )
      .map(([nodes, link]) => ({
        layers,
        bytesPerLayer: 1e9,
        nodes: withKinds(
          nodes.map(({ speeds, region, up, down, price }, at) => ({
            id: `n${at}`,
            region,
            speeds: [0, ...speeds],
            stageS: [0, ...speeds.map((speed) => 1 / speed)],
            upTokensPerS: up,
            downTokensPerS: down,
            pricePerHour: BigInt(price),
          })),
        ),
        linkTokensPerS: (from: number, to: number) => link[from * nodes.length + to]!,
        hopS: (from: number, to: number) => ((from * 7 + to * 3) % 5) / 100,
        returnS: (from: number, to: number) => (from === to ? 0 : ((from + to) % 3) / 100),
      }));
  });
}

/** Every placement of all nodes, used or not. */
export function everyPlacement({ nodes, layers }: PlanProblem): Iterable<Placement> {
  const ranges = nodes.map(({ speeds }) => {
    const own: (LayerRange | null)[] = [null];
    for (let k = 1; k < speeds.length; k++) {
      for (let from = 0; from + k <= layers; from++) own.push({ from, to: from + k });
    }
    return own;
  });
  return products(ranges);
}

function* products<T>([first, ...others]: readonly (readonly T[])[]): Generator<T[]> {
  if (!first) return yield [];
  for (const rest of products(others)) for (const each of first) yield [each, ...rest];
}

export function placementsOf({ nodes, layers }: PlanProblem): number {
  return nodes.reduce((product, { speeds }) => {
    let ranges = 1;
    for (let k = 1; k < speeds.length; k++) ranges += layers - k + 1;
    return product * ranges;
  }, 1);
}
