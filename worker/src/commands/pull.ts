/** `worker pull [id…]`: fetches models into the cache folder and shows progress. */
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";
import type { Logger } from "pino";
import type { WorkerConfig } from "../config.ts";
import { ensureModel } from "../models/ensure-model.ts";
import type { DownloadProgress } from "../models/ensure-model.ts";
import { megabytes } from "../models/store-errors.ts";
import { catalogued } from "../open-engines.ts";

const BAR_CELLS = 30;
/** Without a terminal, progress is printed once per tenth, to keep logs short. */
const LINE_SHARE = 0.1;

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

export async function pull(ids: readonly string[], config: WorkerConfig, out: Output, logger: Logger): Promise<void> {
  const models = (ids.length > 0 ? ids : [DEFAULT_MODEL]).map((id) => catalogued(id));
  for (const model of models) {
    out.write(`${model.id}: ${model.name}, ${megabytes(model.bytes)}, licence ${model.licence}\n`);
    const onProgress = out.isTTY ? bar(out) : lines(out);
    const environment = config.childEnvironment;
    const path = await ensureModel(model, config.modelsFolder, { onProgress, logger, environment });
    out.write(`${out.isTTY ? "\r\x1b[K" : ""}${model.id}: ready at ${path}\n`);
  }
}

function bar(out: Output) {
  return ({ doneBytes, totalBytes, source }: DownloadProgress) => {
    const share = doneBytes / totalBytes;
    const full = Math.round(share * BAR_CELLS);
    const cells = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
    out.write(`\r\x1b[K${cells} ${percent(share)} of ${megabytes(totalBytes)} from ${source}`);
  };
}

function lines(out: Output) {
  let shown = -1;
  return ({ doneBytes, totalBytes, source }: DownloadProgress) => {
    const share = doneBytes / totalBytes;
    if (share < shown + LINE_SHARE) return;
    shown = Math.floor(share / LINE_SHARE) * LINE_SHARE;
    out.write(`  ${percent(share)} of ${megabytes(totalBytes)} from ${source}\n`);
  };
}

const percent = (share: number) => `${Math.floor(share * 100)} %`;
