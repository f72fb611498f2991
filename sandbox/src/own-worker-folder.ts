/**
 * Where this stack's own worker keeps its key and its notes. It is not `worker`: in the usual data folder that is where
 * `npm run worker` keeps another one's, and two programs with one key would push each other out of the pool.
 */
import fs from "node:fs";
import path from "node:path";

/**
 * Moves the folder of a start from before, by which the worker stays the same; else makes one. Call it before the stack's
 * secrets are made: then a folder is there wherever secrets of this version are, also after a kill between the two, and
 * `worker` is another's.
 */
export function ownWorkerFolder(home: string): string {
  const [folder, before] = [path.join(home, "own-worker"), path.join(home, "worker")];
  if (fs.existsSync(folder)) return folder;
  const wasHere = fs.existsSync(path.join(home, "secrets.json"));
  if (wasHere && fs.existsSync(before)) fs.renameSync(before, folder);
  else fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
