/** PostgreSQL refuses to run as root; there it gets the account `nobody`, which owns nothing else of ours. */
import { chown } from "node:fs/promises";

const UNPRIVILEGED = 65_534;
const isRoot = (): boolean => process.getuid?.() === 0;

/** What its programs are spawned with. */
export function account(): { uid: number; gid: number } | Record<string, never> {
  return isRoot() ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

/** Gives a file or folder to it. */
export async function own(path: string): Promise<void> {
  if (isRoot()) await chown(path, UNPRIVILEGED, UNPRIVILEGED);
}

/** Belongs into every message about a path it could not use. */
export function reachAdvice(): string {
  return isRoot()
    ? ` (as root it runs under uid ${UNPRIVILEGED}, which must be able to enter that path; STARAI_HOME moves it)`
    : "";
}
