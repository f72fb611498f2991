/** Records by a key in one JSON file of the worker's home. A file that is missing or damaged only means that nothing is kept. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { replaceFile } from "./replace-file.ts";

export class KeptRecords<Schema extends z.ZodType> {
  readonly #path: string;
  readonly #schema: z.ZodRecord<z.ZodString, Schema>;
  readonly #max: number;

  /** @param max  entries kept; those written longest ago are dropped first */
  constructor(path: string, schema: Schema, max: number) {
    this.#path = path;
    this.#schema = z.record(z.string(), schema);
    this.#max = max;
  }

  async read(key: string): Promise<z.output<Schema> | null> {
    return (await this.#all())[key] ?? null;
  }

  async write(key: string, value: z.output<Schema>): Promise<void> {
    const { [key]: _, ...others } = await this.#all();
    const kept = Object.entries(others).slice(-this.#max + 1);
    await replaceFile(this.#path, JSON.stringify(Object.fromEntries([...kept, [key, value]]), null, 2));
  }

  async #all(): Promise<Record<string, z.output<Schema>>> {
    try {
      return this.#schema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      return {};
    }
  }
}
