/** The words after `npm start --`. */
import { parseArgs } from "node:util";
import { parseMemory } from "@starai/worker/limits/memory-share";

export interface StartOptions {
  /** What models may take in this stack's own worker, as it was written; null: what is free. */
  memory: string | null;
  /** Fetches llama.cpp's own server before anything else. */
  pullEngine: boolean;
}

/** @throws Error with a sentence for what is not known */
export function readStartOptions(args: readonly string[]): StartOptions {
  const { memory, "pull-engine": pullEngine } = parsed(args);
  if (memory !== undefined && parseMemory(memory) === null)
    throw new Error(`--memory "${memory.slice(0, 40)}" is not an amount of memory, such as 700MB or 2GB`);
  return { memory: memory ?? null, pullEngine: pullEngine ?? false };
}

function parsed(args: readonly string[]) {
  const options = { memory: { type: "string" }, "pull-engine": { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Error("npm start takes --memory <amount> and --pull-engine, and nothing else: npm start -- --help", {
      cause: error,
    });
  }
}
