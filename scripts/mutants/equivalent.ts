/** Mutations that no test can see, each with its reason. They are named by their words, so that lines may move. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Mutation } from "./mutations.ts";

const Entry = z.strictObject({
  file: z.string(),
  /** The whole line the mutation is in, without the space around it. */
  line: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string().min(20),
});

export type Equivalent = z.infer<typeof Entry>;

export function readEquivalent(): Equivalent[] {
  const text = readFileSync(path.join(import.meta.dirname, "equivalent.json"), "utf8");
  return z.array(Entry).parse(JSON.parse(text));
}

/** Whether an entry speaks of this mutation of this text. */
export function speaksOf(entry: Equivalent, mutation: Mutation, text: string): boolean {
  const line = text.split("\n")[mutation.line - 1]?.trim();
  return (
    entry.file === mutation.file && entry.from === mutation.from && entry.to === mutation.to && entry.line === line
  );
}
