/** Chooses a group's nodes: the fewest that hold the layers together, and of those the ones preferred first. Pure. */

interface Able {
  /** Layers that it can hold, at least one. */
  readonly most: number;
}

/**
 * At least one, since a group of one is no group; null where so many do not hold them all.
 * @param able  the preferred first
 */
export function chooseNodes<Node extends Able>(
  able: readonly Node[],
  { layers, nodesMax }: { layers: number; nodesMax: number },
): Node[] | null {
  for (let count = 1; count <= nodesMax; count++) {
    const chosen = firstThatHold(able, { layers, count });
    if (chosen !== null) return chosen;
  }
  return null;
}

/**
 * Of all sets of so many machines the one that is preferred first, a machine at a time: the first that can still be
 * completed by the largest of the others.
 */
function firstThatHold<Node extends Able>(
  able: readonly Node[],
  { layers, count }: { layers: number; count: number },
): Node[] | null {
  const chosen: Node[] = [];
  let missing = layers;
  for (let wanted = count; wanted > 0; wanted--) {
    const others = able.filter((node) => !chosen.includes(node));
    const largest = others.toSorted((one, other) => other.most - one.most).slice(0, wanted);
    const next = others.find((node) => {
      const rest = largest.filter((other) => other !== node).slice(0, wanted - 1);
      return rest.length === wanted - 1 && node.most + sumOf(rest) >= missing;
    });
    if (next === undefined) return null;
    chosen.push(next);
    missing -= next.most;
  }
  return chosen;
}

const sumOf = (nodes: readonly Able[]) => nodes.reduce((sum, { most }) => sum + most, 0);
