/** A JSON file that its owner alone may read. */
import fs from "node:fs";
import path from "node:path";
import type { z } from "zod";
import { makePrivateFolder } from "../private-folder.ts";

/** Null when there is no file. @throws when it is damaged, since a new one would lose what it held */
export function readFileAs<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> | null {
  if (!fs.existsSync(file)) return null;
  try {
    return schema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch (error) {
    throw new Error(
      `${file} is damaged. Put a copy in its place, or move it away to begin anew without what it held.`,
      {
        cause: error,
      },
    );
  }
}

/** Written to a temporary file and renamed, so that a kill leaves either the old content or the new one. */
export function writePrivately(file: string, content: unknown): void {
  makePrivateFolder(path.dirname(file));
  fs.writeFileSync(`${file}.new`, JSON.stringify(content, null, 2), { mode: 0o600, flush: true });
  fs.renameSync(`${file}.new`, file);
}
