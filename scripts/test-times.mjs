// How long each test file took the last time it was run by `npm test`: the slowest begins first, so that no core is idle at the end.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const FILE = "node_modules/.cache/starai-test-times.json";

/** Milliseconds by file, as a path from the root. Empty where nothing was run yet. */
export function readTestTimes(root) {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(path.join(root, FILE), "utf8"))));
  } catch {
    return new Map();
  }
}

/** Keeps the times of the files that passed; those of other files stay, as a run may be of a few files only. */
export function keepTestTimes(root, files) {
  const times = readTestTimes(root);
  for (const { file, ms, passed } of files) if (passed) times.set(file, Math.round(ms));
  mkdirSync(path.dirname(path.join(root, FILE)), { recursive: true });
  writeFileSync(path.join(root, FILE), JSON.stringify(Object.fromEntries(times)));
}

/** One line a workspace: how many files it has, and the time of all of them together, the most first. */
export function timesByWorkspace(files) {
  const sums = new Map();
  for (const { file, ms } of files) {
    const workspace = file.split("/")[0];
    const { count, sumMs } = sums.get(workspace) ?? { count: 0, sumMs: 0 };
    sums.set(workspace, { count: count + 1, sumMs: sumMs + ms });
  }
  return [...sums]
    .sort(([, a], [, b]) => b.sumMs - a.sumMs)
    .map(
      ([name, { count, sumMs }]) =>
        `${name.padEnd(10)} ${String(count).padStart(4)} files ${(sumMs / 1_000).toFixed(1).padStart(8)} s`,
    );
}
