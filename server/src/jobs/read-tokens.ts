/**
 * Reads a worker's tokens and accepts only what the vocabulary confirms. The text is made storable here: readers get the
 * committed text, which must equal what a restart finds in the row.
 */
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import { storable } from "../db/storable.ts";
import type { Vocabulary } from "../vocabulary/vocabularies.ts";
import { compactJson } from "./compact-json.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";
import { VocabularyUnavailable } from "../vocabulary/vocabulary-process.ts";

export type TokensFrame = WorkerFrame & { type: "tokens" };

export type Reading =
  | { kind: "read"; tokens: number[] | null; text: string; verified: boolean }
  /** The frames cannot be the model's output. */
  | { kind: "false"; reason: string }
  /** The vocabulary did not answer in time, so the worker's socket is no longer paused for it. */
  | { kind: "unverified" };

/** PostgreSQL's integer maximum; no vocabulary has larger ids. */
const TOKEN_MAX = 0x7fff_ffff;

/**
 * @param vocabulary  null when unavailable: the worker's text is accepted as it is, and usage is estimated
 * @param job  the job whose committed text the frames follow
 * @param lease  whether its worker declared token ids; frames without them are then rejected
 */
export async function readTokens(
  vocabulary: Vocabulary | null,
  job: Pick<LiveJob, "tokens" | "facts" | "jsonPlace">,
  lease: Pick<LiveLease, "sendsIds">,
  frames: readonly TokensFrame[],
): Promise<Reading> {
  const told = frames.map((frame) => frame.text).join("");
  const tokens = idsOf(frames);
  if (!tokens && lease.sendsIds) return { kind: "false", reason: "token ids were promised and did not come" };
  if (!tokens) return { kind: "read", tokens: null, text: storable(asFormed(job, told)), verified: false };
  if (tokens.some((token) => token > TOKEN_MAX))
    return { kind: "false", reason: "a token id is not in the vocabulary" };
  if (!vocabulary) return { kind: "read", tokens, text: storable(told), verified: false };
  const before = job.tokens ?? [];
  try {
    const text = await vocabulary.decodeAfter(before, tokens);
    if (!isSame(text, told, before.length === 0))
      return { kind: "false", reason: "the text is not what the token ids say" };
    return { kind: "read", tokens, text: storable(text), verified: true };
  } catch (error) {
    if (error instanceof VocabularyUnavailable) return { kind: "unverified" };
    return { kind: "false", reason: error instanceof Error ? error.message : "the token ids cannot be decoded" };
  }
}

/** Text without ids comes from engines given a schema: spaces between its parts are the engine's, not the answer's. */
function asFormed(job: Pick<LiveJob, "facts" | "jsonPlace">, text: string): string {
  return job.facts.request.constraint ? compactJson(text, job.jsonPlace()).text : text;
}

function idsOf(frames: readonly TokensFrame[]): number[] | null {
  const ids: number[] = [];
  for (const frame of frames) {
    if (frame.tokens === null) return null;
    ids.push(...frame.tokens);
  }
  return ids;
}

/** Some tokenisers drop the space before the first word, and the first word is not always known. */
function isSame(text: string, told: string, isFirst: boolean): boolean {
  const [ours, theirs] = [readable(text), readable(told)];
  return ours === theirs || (isFirst && ours.trimStart() === theirs.trimStart());
}

/** The two sides may emit a broken byte one frame apart. */
function readable(text: string): string {
  return text.replaceAll("\uFFFD", "");
}
