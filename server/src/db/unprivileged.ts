/** PostgreSQL refuses to run as root; there it gets the account `nobody`, which owns nothing else of ours. */
import { chown, stat } from "node:fs/promises";
import path from "node:path";

const UNPRIVILEGED = 65_534;
const isRoot = (): boolean => process.getuid?.() === 0;

/** Spawn options for PostgreSQL's programs. */
export function account(): { uid: number; gid: number } | Record<string, never> {
  return isRoot() ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

/** Makes that account the owner of a file or folder. */
export async function own(file: string): Promise<void> {
  if (isRoot()) await chown(file, UNPRIVILEGED, UNPRIVILEGED);
}

/**
 * Explains a failure at `folder` where that account cannot reach it, else null. The system reports only "permission
 * denied" for a file inside; the closed folder is most often one above, such as root's home.
 */
export async function unreachable(folder: string, cause: unknown): Promise<Error | null> {
  const closed = isRoot() ? await closedFolder(folder).catch(() => null) : null;
  if (closed === null) return null;
  return new Error(
    `PostgreSQL does not run as root, so it is started under uid ${UNPRIVILEGED} (nobody), and that account cannot enter ${closed}. ` +
      `Set STARAI_HOME to a folder that everybody may enter, such as /var/lib/starai; or open this one to pass through (chmod o+x ${closed}); ` +
      `or start as a user other than root.`,
    { cause },
  );
}

/** The first folder from the root down to `folder` that the account may not pass through. */
async function closedFolder(folder: string): Promise<string | null> {
  const parent = path.dirname(folder);
  const above = parent === folder ? null : await closedFolder(parent);
  if (above !== null) return above;
  const { mode, uid, gid } = await stat(folder);
  const passes = uid === UNPRIVILEGED ? 0o100 : gid === UNPRIVILEGED ? 0o010 : 0o001;
  return (mode & passes) === 0 ? folder : null;
}
