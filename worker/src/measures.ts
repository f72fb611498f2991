/**
 * Speeds measured on this machine, stored in the worker's home so that the second start is quick. A measurement taken
 * while other programs used the machine is valid for one start and is not stored: the next start measures again.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Speeds } from "./engines/llama/child-messages.ts";

const Measure = z.object({
  threads: z.int().positive(),
  prefillTokensPerS: z.number().positive(),
  decodeTokensPerS: z.number().positive(),
  measuredAt: z.iso.datetime(),
});
const Measures = z.record(z.string(), Measure);

/** How long a measurement is valid: drivers, cooling and neighbours change. */
const BELIEVED_MS = 24 * 3_600_000;
/** Entries kept; the oldest are dropped first. */
const KEPT_MAX = 64;

/** Everything that affects speed. */
export interface MeasureKey {
  sha256: string;
  engine: string;
  device: string;
  threads: readonly number[];
}

export async function readMeasure(home: string, key: MeasureKey): Promise<Speeds | null> {
  const found = (await readAll(home))[keyText(key)];
  if (!found || Date.now() - Date.parse(found.measuredAt) > BELIEVED_MS) return null;
  const { measuredAt: _, ...speeds } = found;
  return { ...speeds, busy: false };
}

export async function writeMeasure(home: string, key: MeasureKey, speeds: Speeds): Promise<void> {
  const { busy, ...kept } = speeds;
  if (busy) return;
  const { [keyText(key)]: _, ...others } = await readAll(home);
  const entries = Object.entries(others).slice(-KEPT_MAX + 1);
  const all = Object.fromEntries([...entries, [keyText(key), { ...kept, measuredAt: new Date().toISOString() }]]);
  await mkdir(home, { recursive: true });
  const draft = `${pathIn(home)}.${process.pid}.tmp`;
  await writeFile(draft, JSON.stringify(all, null, 2));
  await rename(draft, pathIn(home));
}

/** A file that is missing or damaged only means measuring again. */
async function readAll(home: string): Promise<z.infer<typeof Measures>> {
  try {
    return Measures.parse(JSON.parse(await readFile(pathIn(home), "utf8")));
  } catch {
    return {};
  }
}

const pathIn = (home: string) => join(home, "measures.json");
const keyText = (key: MeasureKey) => [key.sha256, key.engine, key.device, key.threads.join("+")].join(" ");
