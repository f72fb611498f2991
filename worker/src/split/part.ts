/** What a part of a group, head or node, is given to run with, and how it ends. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { GroupFrame, GroupPart } from "@starai/protocol/split";
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import type { WorkerConfig } from "../config.ts";
import type { Build } from "../engines/llama-server/build.ts";
import type { Identity } from "../identity.ts";

export type Stage = Extract<WorkerFrame, { type: "group" }>["stage"];

export interface PartContext<Kind extends GroupPart["kind"]> {
  frame: GroupFrame;
  part: Extract<GroupPart, { kind: Kind }>;
  model: CatalogueModel;
  /** The model's verified file. */
  file: string;
  build: Build;
  /** What the part may take of this machine's memory. */
  memoryBytes: number;
  threads: number;
  config: WorkerConfig;
  identity: Identity;
  log: Logger;
  /** Aborts when the group is over, with the reason. */
  signal: AbortSignal;
  /** Tells the pool. */
  tell: (stage: Stage) => void;
}

/** Why a part is over, and the places of the nodes that its head blames. */
export interface PartEnd {
  reason: string;
  lost: number[];
}

/** Resolves when the signal aborts, with the reason. */
export async function aborted(signal: AbortSignal): Promise<PartEnd> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  return endOf(signal.reason);
}

export function endOf(error: unknown): PartEnd {
  return { reason: error instanceof Error ? error.message : String(error), lost: [] };
}
