/** What a machine whose own model does not fit lends to groups. One that serves a model alone lends nothing. */
import { join } from "node:path";
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { SplitOffer } from "@starai/protocol/split";
import type { WorkerConfig } from "../config.ts";
import { ensureBuild, hasBuild } from "../engines/llama-server/build.ts";
import type { Build } from "../engines/llama-server/build.ts";
import type { MemoryShare } from "../limits/memory-share.ts";
import { describeMachine } from "../machine.ts";
import { isStamped } from "../models/verify.ts";
import { ownCommand } from "../own-command.ts";

/** As many files as an offer may name; the catalogue has fewer models. */
const FILES_MAX = 32;

export interface Lending {
  serves: SplitOffer["serves"];
  build: Build;
  /** The model that its owner wants served. */
  wants: CatalogueModel;
  memory: MemoryShare;
}

/**
 * How this machine serves the model with others, which does not fit here alone. Text: what its owner can do so that it
 * does; null: it does not.
 * @throws Error where the build is not the one it should be
 */
export async function lendingOf(
  config: WorkerConfig,
  wants: CatalogueModel,
  { memory, signal }: { memory: MemoryShare; signal: AbortSignal },
): Promise<Lending | string | null> {
  const { split = "off" } = config;
  // A file of one's own is on no other machine.
  if (split === "off" || wants.sources.length === 0) return null;
  // The build is run only where its owner has agreed to it.
  if (!(await hasBuild(config)))
    return `${wants.id} does not fit here alone; several machines can serve it together once each has llama.cpp's own server: ${ownCommand("pull-engine llama.cpp")}`;
  return { serves: split, build: await ensureBuild(config, { say: () => {}, signal }), wants, memory };
}

export async function offerOf(
  { serves, build, wants, memory }: Lending,
  { modelsFolder }: Pick<WorkerConfig, "modelsFolder">,
): Promise<SplitOffer> {
  const machine = await describeMachine();
  return {
    serves,
    build: build.sha256,
    // Layers are held in main memory: what a card would do for a group is not measured yet.
    memoryBytes: memory.left(machine, machine.freeBytes).main,
    wants: wants.id,
    files: await verifiedFiles(modelsFolder),
  };
}

async function verifiedFiles(folder: string): Promise<string[]> {
  const models = [...loadCatalogue().values()];
  const isHere = await Promise.all(models.map(async (model) => await isStamped(join(folder, model.file), model)));
  return models.flatMap(({ sha256 }, at) => (isHere[at] ? [sha256] : [])).slice(0, FILES_MAX);
}
