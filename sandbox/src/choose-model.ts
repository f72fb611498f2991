/** Which model the local worker serves: the one STARAI_MODEL names, or else the best for this machine. */
import fs from "node:fs";
import path from "node:path";
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { describeMachine } from "@starai/worker/machine";
import { bestModel } from "./best-model.ts";

export interface ChosenModel {
  readonly model: CatalogueModel;
  /** Models outside the catalogue that server and worker must know. */
  readonly extra: readonly CatalogueModel[];
  /** The worker's STARAI_MODEL. */
  readonly name: string;
  /** Why this one was chosen; null where STARAI_MODEL named it. */
  readonly reason: string | null;
}

/** @throws when the catalogue has no such model, or the file cannot be served */
export async function chooseModel(wish: string | undefined, modelsFolder: string): Promise<ChosenModel> {
  const name = wish?.split(",")[0]?.trim();
  if (!wish || !name) return await defaultModel(modelsFolder);
  if (!/\.gguf$|[/\\]/.test(name)) return { model: catalogued(name), extra: [], name: wish, reason: null };
  const { describeLocalFile } = await import("@starai/worker/models/describe-local-file");
  const file = path.resolve(name);
  const model = await describeLocalFile(file);
  linkIntoCache(file, modelsFolder);
  return { model, extra: [model], name: file, reason: null };
}

async function defaultModel(modelsFolder: string): Promise<ChosenModel> {
  const machine = await describeMachine();
  const { model, reason } = await bestModel({ catalogue: loadCatalogue(), modelsFolder, machine });
  return { model, extra: [], name: model.id, reason };
}

function catalogued(id: string): CatalogueModel {
  const catalogue = loadCatalogue();
  const model = catalogue.get(id);
  if (model) return model;
  throw new Error(
    `STARAI_MODEL: there is no "${id}" in the catalogue; choose one of ${[...catalogue.keys()].join(", ")}, or a .gguf file.`,
  );
}

/** Links the person's own file into the cache folder, where the server reads vocabularies. */
function linkIntoCache(file: string, folder: string): void {
  const link = path.join(folder, path.basename(file));
  fs.mkdirSync(folder, { recursive: true });
  if (path.dirname(file) === path.resolve(folder) || fs.existsSync(link)) return;
  fs.rmSync(link, { force: true });
  fs.symlinkSync(file, link);
}
