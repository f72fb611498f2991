/**
 * Looks for a placement in which every layer is held by machines of at least `floor` tokens per second together, by a dynamic
 * programme over layers. Layers are filled from the first: whatever covers the lowest one that is still short may as well start there,
 * for a node that starts earlier without need can be moved up. A state is kept while what its unused nodes could add at best is
 * enough for what is still missing; of each layer's states the `beam` best are gone on with. Where none was left out, null is a proof.
 *
 * Layers go over from one region to another only where all of a region's nodes end, and over as many links at once as the flow needs.
 */
import { areaOf } from "./bounds.ts";
import { layersMax } from "./problem.ts";
import type { LayerRange, Placement, PlanProblem } from "./problem.ts";

export interface SweepLimits {
  readonly floor: number;
  /** States of a layer that are gone on with: bounds time and memory. */
  readonly beam: number;
  /** Tells every state apart, so that finding nothing is a proof while the beam was wide enough. */
  readonly proof?: boolean;
  /** Steps that are looked at before it gives up. */
  readonly stepsMax?: number;
}

export interface SweepResult {
  readonly placement: Placement | null;
  /** Whether nothing was left out: no placement is a proof that there is none. */
  readonly complete: boolean;
}

/** One way to use a node of a kind. */
interface Choice {
  readonly kind: number;
  readonly layers: number;
  readonly speed: number;
  /** What is lost by it at least, against the best use of such a node. */
  readonly area: number;
}

interface State {
  readonly parent: State | null;
  /** What was placed last, and where; null after a start or a crossing. */
  readonly choice: number | null;
  readonly start: number;
  readonly region: number;
  /** Regions that were entered, a bit each. */
  readonly entered: number;
  readonly used: Uint16Array;
  /** Tokens per second that hold each layer from `at` on. */
  readonly height: Float64Array;
  readonly at: number;
  readonly slack: number;
  /** Nodes that must begin at this layer before it is done, for a crossing's sake. */
  readonly needed: number;
}

/** A state that is not made yet: most are never gone on with. */
interface Step {
  readonly parent: State;
  readonly choice: number;
  readonly at: number;
  readonly slack: number;
}

/** As many as bits in a number. */
export const SWEEP_REGIONS_MAX = 16;

export function sweep(problem: PlanProblem, limits: SweepLimits): SweepResult {
  return new Sweep(problem, limits).run();
}

class Sweep {
  readonly #problem: PlanProblem;
  readonly #floor: number;
  readonly #beam: number;
  readonly #proof: boolean;
  readonly #kinds: number[][] = [];
  readonly #regions: string[];
  readonly #regionOfKind: number[] = [];
  readonly #areaOfKind: number[] = [];
  readonly #choices: Choice[][] = [];
  readonly #windowLayers: number;
  #complete: boolean;
  #stepsLeft: number;

  constructor(problem: PlanProblem, { floor, beam, proof = false, stepsMax }: SweepLimits) {
    this.#problem = problem;
    this.#floor = floor;
    this.#beam = beam;
    this.#proof = proof;
    this.#complete = proof;
    this.#stepsLeft = stepsMax ?? Number.POSITIVE_INFINITY;
    this.#windowLayers = Math.min(problem.layers, Math.max(...problem.nodes.map(layersMax)));
    this.#regions = [...new Set(problem.nodes.map(({ region }) => region))];
    for (const [at, node] of problem.nodes.entries()) (this.#kinds[node.kind] ??= []).push(at);
    for (let kind = 0; kind < this.#kinds.length; kind++) {
      const node = problem.nodes[this.#kinds[kind]?.[0] ?? -1];
      this.#regionOfKind.push(node ? this.#regions.indexOf(node.region) : -1);
      const line = Number.POSITIVE_INFINITY;
      this.#areaOfKind.push(node ? areaOf(node, { layers: problem.layers, flow: floor, line }) : 0);
    }
    for (let region = 0; region < this.#regions.length; region++) this.#choices.push(this.#choicesIn(region));
  }

  /** Every use of a node that no other use of it beats in both layers and speed. */
  #choicesIn(region: number): Choice[] {
    const choices: Choice[] = [];
    for (const [kind, nodes] of this.#kinds.entries()) {
      if (!nodes || this.#regionOfKind[kind] !== region) continue;
      const { speeds } = this.#problem.nodes[nodes[0]!]!;
      let fastest = 0;
      for (let layers = Math.min(speeds.length - 1, this.#problem.layers); layers > 0; layers--) {
        const speed = Math.min(speeds[layers]!, this.#floor);
        if (speed <= fastest) continue;
        fastest = speed;
        choices.push({ kind, layers, speed: speeds[layers]!, area: this.#areaOfKind[kind]! });
      }
    }
    return choices.sort(
      (a, b) => b.layers * Math.min(b.speed, this.#floor) - a.layers * Math.min(a.speed, this.#floor),
    );
  }

  run(): SweepResult {
    const { layers } = this.#problem;
    const buckets: (Step | State)[][] = Array.from({ length: layers + 1 }, () => []);
    for (const start of this.#starts()) buckets[0]!.push(start);
    for (let at = 0; at < layers; at++) {
      let level = this.#best(buckets[at]!);
      buckets[at] = [];
      level = level.flatMap((state) => [state, ...this.#crossings(state)]);
      while (level.length > 0) {
        const same: Step[] = [];
        for (const state of level) {
          if (this.#stepsLeft <= 0) return { placement: null, complete: false };
          for (const step of this.#steps(state)) (step.at === at ? same : buckets[step.at]!).push(step);
        }
        level = this.#best(same);
        if (buckets[layers]!.length > 0) return this.#result(buckets[layers]!);
      }
    }
    return { placement: null, complete: this.#complete };
  }

  *#starts(): Generator<State> {
    const { layers } = this.#problem;
    const area = this.#kinds.reduce((sum, nodes, kind) => sum + nodes.length * this.#areaOfKind[kind]!, 0);
    for (let region = 0; region < this.#regions.length; region++) {
      yield {
        parent: null,
        choice: null,
        start: 0,
        region,
        entered: 1 << region,
        used: new Uint16Array(this.#kinds.length),
        height: new Float64Array(this.#windowLayers),
        at: 0,
        slack: area - layers * this.#floor,
        needed: 1,
      };
    }
  }

  /** The beam's states, each made once. */
  #best(found: (Step | State)[]): State[] {
    found.sort((a, b) => b.slack - a.slack);
    const seen = new Set<string>();
    const best: State[] = [];
    for (const each of found) {
      if (best.length === this.#beam) {
        this.#complete = false;
        break;
      }
      const state = "used" in each ? each : this.#make(each);
      const key = this.#key(state);
      if (seen.has(key)) continue;
      seen.add(key);
      best.push(state);
    }
    return best;
  }

  #key({ used, height, region, entered, needed, choice }: State): string {
    // A narrow beam keeps one state for each set of nodes and sum of what they hold; a proof must tell every profile apart.
    let tail = "";
    if (this.#proof) tail = `${choice} ${height.join(" ")}`;
    else tail = `${Math.round(height.reduce((sum, each) => sum + Math.min(each, this.#floor), 0))}`;
    return `${used.join(" ")} ${region} ${entered} ${needed} ${tail}`;
  }

  #make({ parent, choice, at, slack }: Step): State {
    const { kind, layers, speed } = this.#choices[parent.region]![choice]!;
    const start = Math.min(parent.at, this.#problem.layers - layers);
    const end = start + layers;
    const used = parent.used.slice();
    used[kind]!++;
    const height = new Float64Array(this.#windowLayers);
    for (let layer = at; layer < at + this.#windowLayers; layer++) {
      const was = parent.height[layer - parent.at] ?? 0;
      height[layer - at] = layer < end ? was + speed : was;
    }
    const needed = at === parent.at ? parent.needed - 1 : 1;
    return { ...parent, parent, choice, start, used, height, at, slack, needed };
  }

  *#steps(state: State): Generator<Step> {
    const choices = this.#choices[state.region]!;
    this.#stepsLeft -= choices.length;
    const first = state.choice !== null && state.parent!.at === state.at ? state.choice : 0;
    for (let choice = first; choice < choices.length; choice++) {
      const { kind, layers, speed, area } = choices[choice]!;
      if (state.used[kind]! >= this.#kinds[kind]!.length) continue;
      const end = Math.min(state.at + layers, this.#problem.layers);
      let gained = 0;
      let at = -1;
      for (let layer = state.at; layer < end; layer++) {
        const missing = this.#floor - state.height[layer - state.at]!;
        if (missing <= 0) continue;
        if (speed >= missing) gained += missing;
        else {
          gained += speed;
          if (at === -1) at = layer;
        }
      }
      const slack = state.slack - area + gained;
      if (slack < -1e-6 * this.#floor) continue;
      if (state.needed > 1) at = state.at;
      else if (at === -1) at = this.#lowestShort(state, end);
      yield { parent: state, choice, at, slack };
    }
  }

  #lowestShort({ height, at }: State, from: number): number {
    let layer = from;
    while (layer < this.#problem.layers && (height[layer - at] ?? 0) >= this.#floor) layer++;
    return layer;
  }

  /** The same state in each region that was not entered yet, where all nodes of this one end here. */
  *#crossings(state: State): Generator<State> {
    if (this.#regions.length === 1 || state.choice === null) return;
    if (state.height.some((height) => height > 0)) return;
    const left = this.#slackLeftIn(state);
    if (state.slack - left < -1e-6 * this.#floor) return;
    const last = this.#endingAt(state);
    for (let region = 0; region < this.#regions.length; region++) {
      if ((state.entered & (1 << region)) !== 0) continue;
      const needed = Math.ceil(this.#floor / (last * this.#slowestLink(state.region, region)));
      if (!Number.isFinite(needed)) continue;
      const entered = state.entered | (1 << region);
      yield { ...state, parent: state, choice: null, region, entered, slack: state.slack - left, needed };
    }
  }

  /** What the unused nodes of the region could have added: it is not entered again. */
  #slackLeftIn({ used, region }: State): number {
    let left = 0;
    for (const [kind, nodes] of this.#kinds.entries()) {
      if (this.#regionOfKind[kind] === region) left += (nodes.length - used[kind]!) * this.#areaOfKind[kind]!;
    }
    return left;
  }

  #endingAt(state: State): number {
    let ending = 0;
    for (let each: State | null = state; each?.choice != null; each = each.parent) {
      const { layers } = this.#choices[each.region]![each.choice]!;
      if (each.start + layers === state.at) ending++;
    }
    return ending;
  }

  readonly #links = new Map<number, number>();

  #slowestLink(from: number, to: number): number {
    const key = from * SWEEP_REGIONS_MAX + to;
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const { nodes, linkTokensPerS } = this.#problem;
    let slowest = Number.POSITIVE_INFINITY;
    for (const [a, { region }] of nodes.entries()) {
      if (region !== this.#regions[from]) continue;
      for (const [b, other] of nodes.entries()) {
        if (other.region === this.#regions[to]) slowest = Math.min(slowest, linkTokensPerS(a, b));
      }
    }
    this.#links.set(key, slowest);
    return slowest;
  }

  #result(ends: (Step | State)[]): SweepResult {
    let best = ends[0]!;
    for (const end of ends) if (end.slack > best.slack) best = end;
    const placement: (LayerRange | null)[] = this.#problem.nodes.map(() => null);
    const free = this.#kinds.map((nodes) => [...nodes]);
    let state: State | null = "used" in best ? best : this.#make(best);
    for (; state; state = state.parent) {
      if (state.choice === null) continue;
      const { kind, layers } = this.#choices[state.region]![state.choice]!;
      placement[free[kind]!.shift()!] = { from: state.start, to: state.start + layers };
    }
    return { placement, complete: this.#complete };
  }
}
