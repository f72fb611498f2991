/** How fast an answer must come for its worker to earn all of its share. Pure. */
import type { CatalogueModel } from "./catalogue.ts";

/** Milliseconds that an attempt may take, by the server's clock, from when the worker had its lease. */
export interface ServiceLevel {
  readonly firstToken: number;
  /** For each token of the prompt, whether or not the worker still knew it. */
  readonly readToken: number;
  readonly writtenToken: number;
}

interface LevelClass extends ServiceLevel {
  readonly parametersMax: number;
}

/**
 * Four to five tokens a second is the pace at which people read; slower ones are waited for. The first token may wait for
 * other prompts that the same machine reads. Small models may be served by CPUs: a laptop reads a 1.5B at 60 to 100 tokens
 * a second and writes 20, a third of that with three answers at once. From 7B on a level is what a GPU meets with all its
 * slots busy (an RTX 3060 reads above 400 and writes 16 for each of 8 answers), and 70B is split over home connections.
 */
const LEVELS: readonly LevelClass[] = [
  { parametersMax: 5e9, firstToken: 10_000, readToken: 40, writtenToken: 250 },
  { parametersMax: 10e9, firstToken: 10_000, readToken: 10, writtenToken: 200 },
  { parametersMax: 40e9, firstToken: 15_000, readToken: 10, writtenToken: 200 },
  { parametersMax: Infinity, firstToken: 20_000, readToken: 15, writtenToken: 250 },
];

export function serviceLevel({ parameters }: Pick<CatalogueModel, "parameters">): ServiceLevel {
  return LEVELS.find(({ parametersMax }) => parameters <= parametersMax) ?? LEVELS.at(-1)!;
}
