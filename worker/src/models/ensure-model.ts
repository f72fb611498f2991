import { join } from "node:path";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Logger } from "pino";
import { isVerified } from "./verify.ts";

export interface DownloadProgress {
  doneBytes: number;
  totalBytes: number;
  source: string;
}

export interface EnsureOptions {
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
  logger?: Logger;
}
export async function ensureModel(model: CatalogueModel, folder: string, options: EnsureOptions = {}): Promise<string> {
  const path = join(folder, model.file);
  if (await isVerified(path, model, options.signal)) return path;
  throw new Error("not here yet");
}
