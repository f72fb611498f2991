/** The scripts that `/join` and `/join.ps1` serve, with this pool's address and its archive's sha256 in them. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Archive } from "./worker-archive.ts";

export type ScriptName = "join.sh" | "join.ps1";

/** A host by its name or number, and no sign that a shell gives a meaning: URLs allow `$(…)` and `'` in a host. */
const ORIGIN = /^https?:\/\/([a-z0-9._-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/;

/** The origin of an address; null for one that no pool has. */
export function poolOriginOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { origin } = new URL(address);
  return ORIGIN.test(origin) ? origin : null;
}

/** @param origin  as poolOriginOf returns it */
export async function joinScript(script: ScriptName, origin: string, archive: Archive): Promise<string> {
  const text = await readFile(path.join(import.meta.dirname, script), "utf8");
  return text
    .replace("@POOL@", () => origin)
    .replace("@ARCHIVE@", archive.name)
    .replace("@SHA256@", archive.sha256);
}
