/** Which model the local worker serves: the one STARAI_MODEL names, or else what fits this machine's free memory. */
import fs from "node:fs";
import path from "node:path";
import { DEFAULT_MODEL, SMALL_MODEL, SMALL_MODEL_BELOW_BYTES, loadCatalogue } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { freeMemoryBytes } from "@starai/worker/machine";

export interface ChosenModel {
  readonly model: CatalogueModel;
  /** Models beside the catalogue's that server and worker must know. */
  readonly extra: readonly CatalogueModel[];
  /** What the worker is told. */
  readonly name: string;
}

/** @throws when there is no such model in the catalogue, or the file is none we can serve. */
export async function chooseModel(wish: string | undefined, modelsFolder: string): Promise<ChosenModel> {
  const name = wish?.split(",")[0]?.trim() || (await defaultModel());
  if (!/\.gguf$|[/\\]/.test(name)) return { model: catalogued(name), extra: [], name: wish || name };
  const { describeLocalFile } = await import("@starai/worker/models/describe-local-file");
  const file = path.resolve(name);
  const model = await describeLocalFile(file);
  linkIntoCache(file, modelsFolder);
  return { model, extra: [model], name: file };
}

async function defaultModel(): Promise<string> {
  return (await freeMemoryBytes()) < SMALL_MODEL_BELOW_BYTES ? SMALL_MODEL : DEFAULT_MODEL;
}

function catalogued(id: string): CatalogueModel {
  const catalogue = loadCatalogue();
  const model = catalogue.get(id);
  if (model) return model;
  throw new Error(
    `STARAI_MODEL: there is no "${id}" in the catalogue; choose one of ${[...catalogue.keys()].join(", ")}, or a .gguf file.`,
  );
}

/** The server reads vocabularies from the cache folder, so a file of one's own is linked there. */
function linkIntoCache(file: string, folder: string): void {
  const link = path.join(folder, path.basename(file));
  fs.mkdirSync(folder, { recursive: true });
  if (path.dirname(file) === path.resolve(folder) || fs.existsSync(link)) return;
  fs.rmSync(link, { force: true });
  fs.symlinkSync(file, link);
}
