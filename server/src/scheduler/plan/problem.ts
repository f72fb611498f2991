/** What the planner decides from: how fast each machine is with every number of layers it can hold, and the links between them. */

export interface PlanNode {
  readonly id: string;
  /** Machines of one region reach each other by the same kind of link; layers cross between regions only where a block of them ends. */
  readonly region: string;
  /** Nodes of one kind are interchangeable: same region, speeds and price. */
  readonly kind: number;
  /** Tokens per second while it holds `k` layers, at index `k`; index 0 is 0. Its length says how many its memory holds. */
  readonly speeds: readonly number[];
  /** Seconds that one micro-batch spends in it while it holds `k` layers. */
  readonly stageS: readonly number[];
  /** Tokens per second that its own line can send and receive; infinite where only links bound it. */
  readonly upTokensPerS: number;
  readonly downTokensPerS: number;
  readonly pricePerHour: bigint;
}

/** Nodes are meant by their index. */
export interface PlanProblem {
  readonly layers: number;
  /** What a layer takes of a node's memory, with the KV of all sequences on the way. */
  readonly bytesPerLayer: number;
  readonly nodes: readonly PlanNode[];
  readonly linkTokensPerS: (from: number, to: number) => number;
  /** One way, with what the micro-batch's activations take on the line. */
  readonly hopS: (from: number, to: number) => number;
  /** From the last stage back to the first, with token ids only. */
  readonly returnS: (from: number, to: number) => number;
}

/** The layers that one node holds: `from` up to, and without, `to`. */
export interface LayerRange {
  readonly from: number;
  readonly to: number;
}

/** What each node of the problem holds, by its index; null where it is not used. */
export type Placement = readonly (LayerRange | null)[];

export const layersOf = ({ from, to }: LayerRange): number => to - from;

/** The most layers that a node can hold. */
export const layersMax = (node: PlanNode): number => node.speeds.length - 1;

/** The indices of each region's nodes. */
export function nodesByRegion(nodes: readonly PlanNode[]): Map<string, number[]> {
  const members = new Map<string, number[]>();
  for (const [at, { region }] of nodes.entries()) {
    const known = members.get(region);
    if (known) known.push(at);
    else members.set(region, [at]);
  }
  return members;
}

/** Numbers the nodes that are interchangeable. */
export function withKinds(nodes: readonly Omit<PlanNode, "kind">[]): PlanNode[] {
  const kinds = new Map<string, number>();
  return nodes.map((node) => {
    const { region, speeds, upTokensPerS, downTokensPerS, pricePerHour } = node;
    const key = JSON.stringify([region, speeds, node.stageS, upTokensPerS, downTokensPerS, `${pricePerHour}`]);
    const kind = kinds.get(key) ?? kinds.size;
    kinds.set(key, kind);
    return { ...node, kind };
  });
}

/** Links that are as fast as nobody needs: what is left is memory and speed. */
export const FREE_LINKS = {
  linkTokensPerS: () => Number.POSITIVE_INFINITY,
  hopS: () => 0,
  returnS: () => 0,
} as const;
