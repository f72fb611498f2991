/** The part of `worker inspect` about models that do not fit here: what is missing, and with which machines they would. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { isSplit, nodesNeeded } from "@starai/protocol/group-layers";
import { GROUP_NODES_MAX } from "@starai/protocol/split";
import { fit, needsOf } from "../engines/llama/fit.ts";
import { gigabytes, SLOTS_CPU } from "../open-engines.ts";

/** The least that a group serves with. */
const ROOM = { contextTokens: 2_048, slots: 1 };
const COUNTS = ["no", "one", "two", "three"];
/** Differences are told in tenths. */
const TENTH_OF_GB = 1e8;

const WHOSE =
  "The pool's machines hold layers for machines of their own owner, and for others with enough at stake behind them.";

interface Memory {
  /** Here. */
  freeBytes: number;
  /** Of machines that the pool lends, the largest first. */
  lentBytes: readonly number[];
}

/** A sentence for each model that does not fit, and one more where the pool's machines would help. Pure. */
export function missingLines(models: readonly CatalogueModel[], { freeBytes, lentBytes }: Memory): string[] {
  let isLent = false;
  const lines = models.flatMap((model) => {
    const plan = fit({ ...needsOf(model), freeBytes, slotsWanted: SLOTS_CPU });
    if (plan.kind === "fits") return [];
    const more = `With ${gigabytes(Math.max(plan.needBytes - freeBytes, TENTH_OF_GB))} more`;
    if (!isSplit(model)) return [`${more} you could serve ${model.id}, which is served whole only.`];
    const withOthers = (othersBytes: readonly number[]) =>
      nodesNeeded(model, { headBytes: freeBytes, othersBytes }, ROOM);
    const alike = withOthers(Array.from({ length: GROUP_NODES_MAX }, () => freeBytes));
    const lent = withOthers(lentBytes);
    isLent ||= lent !== null;
    const ways = [
      more,
      ...(alike === null ? [] : [`${COUNTS[alike]} more machine${alike === 1 ? "" : "s"} like this one`]),
      ...(lent === null ? [] : [`${COUNTS[lent]} of the pool's machines`]),
    ];
    return [`${oneOf(ways)} you could serve ${model.id}.`];
  });
  return isLent ? [...lines, WHOSE] : lines;
}

/** `a`, `a, or b,` or `a, b, or c,`. */
function oneOf(ways: readonly string[]): string {
  if (ways.length === 1) return ways.join("");
  return `${ways.slice(0, -1).join(", ")}, or ${ways.at(-1)},`;
}
