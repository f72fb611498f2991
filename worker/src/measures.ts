/**
 * Speeds measured on this machine, stored in the worker's home so that the second start is quick. A measurement taken
 * while other programs used the machine is stored as such: the next start uses it, and measures again once it is idle.
 */
import { join } from "node:path";
import { z } from "zod";
import type { Speeds } from "./engines/llama/child-messages.ts";
import { KeptRecords } from "./kept-records.ts";

const Measure = z.object({
  threads: z.int().positive(),
  prefillTokensPerS: z.number().positive(),
  decodeTokensPerS: z.number().positive(),
  /** Files of earlier versions keep only what a machine left alone gave. */
  busy: z.boolean().default(false),
  measuredAt: z.iso.datetime(),
});

/** How long a measurement is valid, since drivers, cooling and neighbours change; then it counts as one of a busy machine. */
const BELIEVED_MS = 24 * 3_600_000;
/** Some models with each engine. */
const KEPT_MAX = 64;

/** Everything that affects speed. */
export interface MeasureKey {
  sha256: string;
  engine: string;
  device: string;
  threads: readonly number[];
}

export async function readMeasure(home: string, key: MeasureKey): Promise<Speeds | null> {
  const found = await measuresIn(home).read(keyText(key));
  if (!found) return null;
  const { measuredAt, ...speeds } = found;
  return { ...speeds, busy: speeds.busy || Date.now() - Date.parse(measuredAt) > BELIEVED_MS };
}

export async function writeMeasure(home: string, key: MeasureKey, speeds: Speeds): Promise<void> {
  await measuresIn(home).write(keyText(key), { ...speeds, measuredAt: new Date().toISOString() });
}

const measuresIn = (home: string) => new KeptRecords(join(home, "measures.json"), Measure, KEPT_MAX);

export const keyText = (key: MeasureKey) => [key.sha256, key.engine, key.device, key.threads.join("+")].join(" ");
