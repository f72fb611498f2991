/** What a machine's part of a group is, and how it stands, in words for its owner. Names come from strangers and are shown plain. */
import type { GroupFrame } from "@starai/protocol/split";
import { plain } from "../earnings/words.ts";

/** How its part stands: for the terminal. */
export interface GroupNews {
  /** What the machine has of which model. */
  part: string;
  stage: GroupStage;
}

export type GroupStage =
  | { kind: "preparing"; done: number; words: string }
  /** A node that the head has not dialled yet. */
  | { kind: "waiting" }
  | { kind: "up" }
  | { kind: "ended"; reason: string };

/** "layers 15–28 of qwen2.5-coder-1.5b, head: brave-otter". */
export function partWords({ model, part }: GroupFrame): string {
  if (part.kind === "node")
    return `${layerWords(part.firstLayer, part.layers)} of ${model}, head: ${plain(part.head.name)}`;
  let first = part.layers;
  const others = part.nodes.map(({ name, layers }) => {
    first += layers;
    return `${layerWords(first - layers, layers)}: ${plain(name)}`;
  });
  const own = part.layers === 0 ? "the output" : `${layerWords(0, part.layers)} and the output`;
  return `head of ${model} with ${own}; ${others.join(", ")}`;
}

/** The line of a live view. */
export function groupWords({ part, stage }: GroupNews): string {
  switch (stage.kind) {
    case "preparing":
      return `${part}; ${stage.words}${stage.done > 0 ? `: ${Math.floor(stage.done * 100)} %` : ""}`;
    case "waiting":
      return `${part}; waiting for the others`;
    case "up":
      return part;
    case "ended":
      return `${part}; it has ended: ${stage.reason}`;
    default:
      return stage satisfies never;
  }
}

/** What happened to its part, in a sentence. */
export function groupEventWords({ part, stage }: GroupNews): string {
  switch (stage.kind) {
    case "preparing":
      return `in a group: ${part}`;
    case "waiting":
      return `ready in its group, for the head to load the model: ${part}`;
    case "up":
      return `the group is up: ${part}`;
    case "ended":
      return `the group has ended (${part}): ${stage.reason}`;
    default:
      return stage satisfies never;
  }
}

/** "3 minutes left"; null while nothing tells how fast it is. */
export function timeLeftWords({ doneShare, forMs }: { doneShare: number; forMs: number }): string | null {
  if (doneShare <= 0 || forMs <= 0) return null;
  const minutes = Math.ceil((forMs * (1 - doneShare)) / doneShare / 60_000);
  return minutes <= 1 ? "a minute left" : `${minutes} minutes left`;
}

/** Counted from 1, as on the pool's page. */
function layerWords(first: number, count: number): string {
  return count === 1 ? `layer ${first + 1}` : `layers ${first + 1}–${first + count}`;
}
