/** What this worker says that it is. */
import { basename, resolve } from "node:path";
import { isBuild, versionOf } from "@starai/protocol/worker-version";

/** @param folder  of this code; `/join` names the folder of a copy by its build, and no clone is called like that */
export function ownVersion(folder = resolve(import.meta.dirname, "../..")): string {
  const name = basename(folder);
  return versionOf(isBuild(name) ? name : null);
}
