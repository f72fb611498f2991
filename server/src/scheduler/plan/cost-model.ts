/**
 * What a pipeline of machines can do, in closed form. A stage holds `k` layers and takes k·τ(b, c) for a micro-batch of b
 * tokens whose contexts are c tokens long, τ = α + β·b + γ·b·c; the last one computes the output, too.
 */

/** Seconds a layer takes: measured on the machine with the model, never taken from the name of its card. */
export interface LayerTime {
  readonly baseS: number;
  readonly perTokenS: number;
  readonly perContextTokenS: number;
}

export interface Workload {
  /** Sequences that move together. */
  readonly batch: number;
  /** Micro-batches on the way at once. */
  readonly inFlight: number;
  /** Tokens of a sequence, its prompt and answer together. */
  readonly contextTokens: number;
}

export interface ModelWeights {
  readonly layers: number;
  readonly layerBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly kvBytesPerTokenLayer: number;
  readonly activationBytesPerToken: number;
}

/** @returns seconds of one layer for one micro-batch */
export function layerSeconds(
  { baseS, perTokenS, perContextTokenS }: LayerTime,
  { batch, contextTokens }: Workload,
): number {
  return baseS + perTokenS * batch + perContextTokenS * batch * contextTokens;
}

/** Bytes that `k` layers need: their weights, the KV of all sequences on the way, and the input or output of a stage at an end. */
export function bytesFor(model: ModelWeights, k: number, { batch, inFlight, contextTokens }: Workload): number {
  const kv = model.kvBytesPerTokenLayer * k * batch * inFlight * contextTokens;
  // Any stage may become the first or last one when groups form anew, so each leaves room for the larger end.
  const ends =
    k === model.layers ? model.inputBytes + model.outputBytes : Math.max(model.inputBytes, model.outputBytes);
  return k * model.layerBytes + kv + ends;
}

/** The most layers that fit into so many bytes; 0 where not one does. */
export function layersThatFit(model: ModelWeights, usableBytes: number, workload: Workload): number {
  if (bytesFor(model, model.layers, workload) <= usableBytes) return model.layers;
  const ends = bytesFor(model, 0, workload);
  const each = bytesFor(model, 1, workload) - ends;
  return Math.min(model.layers - 1, Math.max(0, Math.floor((usableBytes - ends) / each)));
}

/** One pipeline: what each stage computes, what each hop to the next takes, and the way back. */
export interface Pipeline {
  readonly stageS: readonly number[];
  /** One fewer than stages. */
  readonly hopS: readonly number[];
  /** Seconds that a hop's line is busy with one micro-batch; one fewer than stages. */
  readonly lineS: readonly number[];
  readonly returnS: number;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const roundS = ({ stageS, hopS, returnS }: Pipeline): number => sum(stageS) + sum(hopS) + returnS;

const slowestS = ({ stageS, lineS }: Pipeline): number => Math.max(...stageS, ...lineS);

/** Micro-batches that fill the pipeline: more only wait. */
export function fillingBatches(pipeline: Pipeline): number {
  return Math.ceil(roundS(pipeline) / slowestS(pipeline));
}

/** Seconds between two tokens of one sequence. */
export function secondsPerToken(pipeline: Pipeline, inFlight: number): number {
  return inFlight <= fillingBatches(pipeline) ? roundS(pipeline) : inFlight * slowestS(pipeline);
}

/** Tokens per second of all sequences together. */
export function tokensPerSecond(pipeline: Pipeline, { batch, inFlight }: Pick<Workload, "batch" | "inFlight">): number {
  return batch * Math.min(1 / slowestS(pipeline), inFlight / roundS(pipeline));
}

/** Prefill by chunks: what each stage and hop takes for one, and what is waited before. */
export interface Prefill {
  readonly waitS: number;
  readonly chunkTokens: number;
  /** Of the prompt, without the beginning that is still cached. */
  readonly promptTokens: number;
  readonly chunks: Pipeline;
}

/** Seconds until the first token. */
export function secondsToFirstToken({ waitS, chunkTokens, promptTokens, chunks }: Prefill): number {
  const later = Math.max(0, Math.ceil(promptTokens / chunkTokens) - 1);
  return waitS + roundS(chunks) + later * slowestS(chunks);
}

/** Tokens that one traversal is expected to bring where `guessed` are guessed and each is right with this probability. */
export function tokensPerTraversal(guessed: number, acceptance: number): number {
  return acceptance === 1 ? guessed + 1 : (1 - acceptance ** (guessed + 1)) / (1 - acceptance);
}

/** The least seconds that a layer's two all-reduces take in a ring of `members`, beside the computing. */
export function allReduceSeconds(ring: {
  readonly members: number;
  readonly latencyS: number;
  readonly bytes: number;
  readonly bytesPerS: number;
}): number {
  return 2 * 2 * (ring.members - 1) * (ring.latencyS + ring.bytes / (ring.members * ring.bytesPerS));
}
