/**
 * Where this stack's own worker keeps its key and its notes. It is not `worker`: in the usual data folder that is where
 * `npm run worker` keeps another one's, and two programs with one key would push each other out of the pool.
 */
import fs from "node:fs";
import path from "node:path";

/** Moves the folder of a start from before, by which the worker stays the same. Call it before the stack's secrets are made. */
export function ownWorkerFolder(home: string): string {
  const [folder, before] = [path.join(home, "own-worker"), path.join(home, "worker")];
  const wasHere = fs.existsSync(path.join(home, "secrets.json"));
  if (wasHere && fs.existsSync(before) && !fs.existsSync(folder)) fs.renameSync(before, folder);
  return folder;
}
