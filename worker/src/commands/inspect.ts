/** `worker inspect`: what this machine has, how fast it is, and which models fit it. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { PoolPrices } from "@starai/protocol/pool-prices";
import type { Logger } from "pino";
import type { WorkerConfig } from "../config.ts";
import type { Engine } from "../engines/engine.ts";
import { fit, needsOf } from "../engines/llama/fit.ts";
import { measureSharing } from "../engines/measure-sharing.ts";
import { buildHere, hasBuild } from "../engines/llama-server/build.ts";
import { cudaState } from "../gpu-binaries.ts";
import { describeMachine } from "../machine.ts";
import type { Machine } from "../machine.ts";
import { megabytes } from "../models/store-errors.ts";
import { defaultModel, gigabytes, isPath, memoryShareOf, openEngine, SLOTS_CPU } from "../open-engines.ts";
import { missingLines } from "./inspect-groups.ts";
import { askPrices } from "../earnings/ask-prices.ts";
import { earningLines } from "./inspect-earnings.ts";
import type { MeasuredModel } from "./inspect-earnings.ts";
import type { Output } from "./pull.ts";
import { ownCommand } from "../own-command.ts";

/**
 * Writes the report. The chosen model is loaded and measured when its file is there; `inspect` downloads nothing.
 */
export async function inspect(config: WorkerConfig, out: Output, logger: Logger): Promise<void> {
  const machine = await describeMachine();
  out.write(`${describeDevices(machine, cudaState(machine))}\n\n`);
  out.write(`Models (folder ${config.modelsFolder})\n`);
  const { card, main } = memoryShareOf(config).left(machine, machine.freeBytes);
  const rows = await modelRows(card + main, config.modelsFolder);
  out.write(`${table(rows)}\n\n`);
  const prices = await askPrices(config);
  for (const line of await groupLines(rows, { freeBytes: card + main, prices }, config)) out.write(`${line}\n`);
  const { lines, measured } = await measure(machine, config, logger);
  for (const line of lines) out.write(`${line}\n`);
  const fitting = rows.flatMap(({ model, fits }) => (fits ? [model.id] : []));
  const kind = config.engines[0]?.kind === "openai" ? "remote" : (machine.gpus[0]?.kind ?? "cpu");
  out.write("\n");
  for (const line of earningLines(config, { fitting, measured, kind, prices })) out.write(`${line}\n`);
}

export function describeDevices(machine: Machine, cuda: string | null): string {
  const lines = [
    "This machine",
    `  CPU     ${machine.cpuName}, ${machine.cores} core${machine.cores === 1 ? "" : "s"} for this process`,
    `  memory  ${gigabytes(machine.memoryBytes)}, ${gigabytes(machine.freeBytes)} free`,
    ...machine.gpus.map(
      (gpu) => `  GPU     ${gpu.name}, ${gigabytes(gpu.memoryBytes)}, ${gigabytes(gpu.freeBytes)} free`,
    ),
    ...(machine.gpus.length === 0 ? ["  GPU     none seen: models run on the CPU"] : []),
    ...(cuda ? [`  note    ${cuda}`] : []),
  ];
  return lines.join("\n");
}

export interface ModelRow {
  model: CatalogueModel;
  present: boolean;
  fits: boolean;
  verdict: string;
}

export async function modelRows(freeBytes: number, folder: string): Promise<ModelRow[]> {
  return await Promise.all(
    [...loadCatalogue().values()].map(async (model) => {
      const file = await stat(join(folder, model.file)).catch(() => null);
      const verdict = verdictOf(model, freeBytes);
      return { model, present: file?.size === model.bytes, fits: verdict.startsWith("fits"), verdict };
    }),
  );
}

export async function groupLines(
  rows: readonly ModelRow[],
  { freeBytes, prices }: { freeBytes: number; prices: PoolPrices | string },
  config: WorkerConfig,
): Promise<string[]> {
  const missing = rows.filter(({ fits }) => !fits).map(({ model }) => model);
  if (missing.length === 0) return [];
  const build = await buildHere(config);
  const lent = typeof prices === "string" ? undefined : prices.lent.find((one) => one.build === build);
  const lines = missingLines(missing, { freeBytes, lentBytes: lent?.memoryBytes ?? [] });
  const isReady = (await hasBuild(config)) || !missing.some(({ shape }) => shape);
  const advice = `Machines serve a model together once each has llama.cpp's server: ${ownCommand("pull-engine llama.cpp")}`;
  return [...lines, ...(isReady ? [] : [advice]), ""];
}

function verdictOf(model: CatalogueModel, freeBytes: number): string {
  const plan = fit({ ...needsOf(model), freeBytes, slotsWanted: SLOTS_CPU });
  if (plan.kind === "too-big") return `no: needs ${gigabytes(plan.needBytes)}, ${gigabytes(freeBytes)} free`;
  const jobs = `${plan.slots} job${plan.slots === 1 ? "" : "s"}`;
  return `fits: ${gigabytes(plan.needBytes)} for ${jobs} of ${plan.contextTokens} tokens (${plan.kvType})`;
}

function table(rows: readonly ModelRow[]): string {
  const cells = rows.map(({ model, present, verdict }) => [
    model.id + (model.tried ? "" : " (not tried)"),
    present ? "here" : `download ${megabytes(model.bytes)}`,
    verdict,
  ]);
  const width = (column: number) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  return cells
    .map(([id = "", file = "", fits = ""]) => `  ${id.padEnd(width(0))}  ${file.padEnd(width(1))}  ${fits}`)
    .join("\n");
}

async function measure(machine: Machine, config: WorkerConfig, logger: Logger) {
  const lines: string[] = [];
  const measured: MeasuredModel[] = [];
  for (const choice of config.engines) {
    const name = choice.model ?? defaultModel(machine);
    if (choice.kind === "llama" && !isPath(name) && !(await isHere(name, config))) {
      lines.push(`${name} is not here yet, so it was not measured: ${ownCommand(`pull ${name}`)}`);
      continue;
    }
    if (choice.kind === "llama" && config.engine === "llama-server" && !(await hasBuild(config))) {
      lines.push(`llama-server is not here yet, so nothing was measured: ${ownCommand("pull-engine llama.cpp")}`);
      continue;
    }
    const opened = await open(choice, config, logger);
    if (typeof opened === "string") {
      lines.push(`${name}: ${opened}`);
      continue;
    }
    lines.push(describeEngine(opened));
    measured.push({ ...opened.served, perStream: await measureSharing(opened) });
    await opened.close();
  }
  return { lines, measured };
}

async function isHere(id: string, config: WorkerConfig): Promise<boolean> {
  const model = loadCatalogue().get(id);
  const file = model && (await stat(join(config.modelsFolder, model.file)).catch(() => null));
  return file?.size === model?.bytes;
}

async function open(choice: WorkerConfig["engines"][number], config: WorkerConfig, logger: Logger) {
  try {
    const { signal } = new AbortController();
    return await openEngine(choice, config, { logger, onStatus: () => {}, measuresFirst: true, signal });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function describeEngine({ served, measuredBusy }: Pick<Engine, "served" | "measuredBusy">): string {
  const { id, prefillTokensPerS, decodeTokensPerS, contextTokens, slots, kvType, engine } = served;
  return (
    `${id} on ${engine}: reads ${prefillTokensPerS.toFixed(0)} and writes ${decodeTokensPerS.toFixed(1)} tokens/s, ` +
    `${slots} job${slots === 1 ? "" : "s"} at once, ${contextTokens} tokens each (${kvType})` +
    (measuredBusy ? "; measured while other programs used the machine: close them and inspect again" : "")
  );
}
