/**
 * Chooses the model when STARAI_MODEL names none: the best of the catalogue that this machine can serve and download.
 *
 * "Best" means the most parameters. Models better than the shipped one come only from a publishers' hub and are marked
 * "not tried"; a machine that reaches the hub gets one all the same. A model already downloaded, in whole or in part,
 * takes precedence, so that a later start never changes the model by itself.
 */
import fs from "node:fs";
import path from "node:path";
import { DEFAULT_MODEL, SMALL_MODEL, SMALL_MODEL_BELOW_BYTES } from "@starai/protocol/catalogue";
import type { Catalogue, CatalogueModel } from "@starai/protocol/catalogue";
import { fit, needsOf } from "@starai/worker/engines/llama/fit";
import type { Machine } from "@starai/worker/machine";

/** Timeout of asking the hubs. */
const PROBE_MS = 3_000;
/** Room for a conversation with its tools; a larger model that forgets half of it is not better. */
const CONTEXT_TOKENS_MIN = 8_192;
/** Memory kept for the database, the server, the bot and a browser. */
const RESERVED_BYTES = 1e9;
/** Each token reads the whole file: at a home machine's 20 GB/s this is about seven a second. */
const CPU_WEIGHTS_BYTES_MAX = 3e9;
/** With fewer cores, any model larger than the shipped one takes minutes to read a prompt. */
const CPU_CORES_MIN = 4;
/** Space the download needs beside the file itself, for wheels and parts. */
const DISK_MARGIN_BYTES = 300e6;

export interface BestModel {
  readonly model: CatalogueModel;
  /** Why this model was chosen; printed after its name. */
  readonly reason: string;
}

interface Place {
  readonly catalogue: Catalogue;
  readonly modelsFolder: string;
  readonly machine: Pick<Machine, "cores" | "freeBytes" | "gpus">;
}

export async function bestModel(place: Place): Promise<BestModel> {
  const shipped = catalogued(place, place.machine.freeBytes < SMALL_MODEL_BELOW_BYTES ? SMALL_MODEL : DEFAULT_MODEL);
  const better = [...place.catalogue.values()]
    .filter(({ parameters }) => parameters > catalogued(place, DEFAULT_MODEL).parameters)
    .filter((model) => fitsMachine(model, place.machine) && fitsDisk(model, place.modelsFolder))
    .sort((one, other) => other.parameters - one.parameters);
  const kept = [...better, shipped].filter((model) => downloadState(model, place.modelsFolder) !== "none");
  const candidates = kept.length > 0 ? kept : [...better, shipped];
  const unproven = candidates.filter(
    (model) => model !== shipped && downloadState(model, place.modelsFolder) !== "whole",
  );
  const answering = await answeringOf(unproven);
  const model = candidates.find((one) => !unproven.includes(one) || answering.has(one)) ?? shipped;
  return { model, reason: reasonOf(model, { shipped, kept, unproven }) };
}

function catalogued({ catalogue }: Place, id: string): CatalogueModel {
  const model = catalogue.get(id);
  if (!model) throw new Error(`the catalogue has no model ${id}`);
  return model;
}

interface Grounds {
  shipped: CatalogueModel;
  kept: readonly CatalogueModel[];
  unproven: readonly CatalogueModel[];
}

function reasonOf(model: CatalogueModel, { shipped, kept, unproven }: Grounds): string {
  const mark = model.tried ? "" : " (not tried by StarAI's own tests)";
  if (kept.includes(model)) return `it is on this machine already, whole or in part${mark}`;
  if (model !== shipped) return `the best that fits this machine and whose source answers${mark}`;
  if (unproven.length === 0) return "no larger one fits this machine";
  const hosts = new Set(unproven.flatMap(({ sources }) => sources).flatMap(hostOf));
  return `larger ones would fit, but ${[...hosts].join(" and ")} cannot be reached from here`;
}

const hostOf = (source: CatalogueModel["sources"][number]): string[] =>
  source.kind === "hub" ? [source.url.split("/")[2] ?? source.url] : [];

function fitsMachine(model: CatalogueModel, { cores, freeBytes, gpus }: Place["machine"]): boolean {
  const onCard = gpus.reduce((sum, gpu) => sum + gpu.freeBytes, 0);
  if (fitsMemory(model, onCard)) return true;
  const isQuickEnough = cores >= CPU_CORES_MIN && model.bytes <= CPU_WEIGHTS_BYTES_MAX;
  return isQuickEnough && fitsMemory(model, freeBytes - RESERVED_BYTES);
}

function fitsMemory(model: CatalogueModel, freeBytes: number): boolean {
  const plan = fit({ ...needsOf(model), freeBytes, slotsWanted: 1 });
  return plan.kind === "fits" && plan.contextTokens >= CONTEXT_TOKENS_MIN;
}

function fitsDisk(model: CatalogueModel, folder: string): boolean {
  if (downloadState(model, folder) === "whole") return true;
  const { bavail, bsize } = fs.statfsSync(nearestExisting(folder));
  return bavail * bsize >= model.bytes - sizeOf(path.join(folder, `${model.file}.part`)) + DISK_MARGIN_BYTES;
}

/** The folder, or its nearest ancestor that exists. */
function nearestExisting(folder: string): string {
  return fs.existsSync(folder) ? folder : nearestExisting(path.dirname(folder));
}

function downloadState({ file, bytes }: CatalogueModel, folder: string): "whole" | "partial" | "none" {
  const whole = path.join(folder, file);
  if (sizeOf(whole) === bytes) return "whole";
  return sizeOf(`${whole}.part`) > 0 || fs.existsSync(`${whole}.parts`) ? "partial" : "none";
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The models whose file a hub serves now; asks all hubs at once. */
async function answeringOf(models: readonly CatalogueModel[]): Promise<Set<CatalogueModel>> {
  const signal = AbortSignal.timeout(PROBE_MS);
  const answers = await Promise.all(models.map((model) => isAnswering(model, signal)));
  return new Set(models.filter((_, index) => answers[index]));
}

async function isAnswering(model: CatalogueModel, signal: AbortSignal): Promise<boolean> {
  for (const source of model.sources) {
    if (source.kind === "hub" && (await servesFile(source.url, model.bytes, signal).catch(() => false))) return true;
  }
  return false;
}

/**
 * Requests the first bytes, as a resumed download does: a HEAD may succeed at the hub while the store behind its
 * redirect is unreachable, and a network's login page answers any request.
 */
async function servesFile(url: string, bytes: number, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { headers: { range: "bytes=0-3" }, signal });
  const answers = response.status === 206 && response.headers.get("content-range") === `bytes 0-3/${bytes}`;
  const reader = response.body?.getReader();
  // Reads the first chunk only: an odd hub may send without end.
  const first = answers ? await reader?.read() : undefined;
  await reader?.cancel();
  return Buffer.from(first?.value ?? []).toString("latin1") === "GGUF";
}
