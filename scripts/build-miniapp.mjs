// Builds the Mini App when its sources changed since the last build. Plain JavaScript, no dependency but the bundler it runs.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";

/** Files that are bundled or affect the build. */
const SOURCES = [
  "miniapp",
  "protocol",
  "contracts/wrappers",
  "contracts/artefacts",
  "server/src/client.ts",
  "server/src/client",
  "package-lock.json",
];
const NOT_SOURCES = /(^|\/)(dist|node_modules)(\/|$)|\.test\.tsx?$/;

/**
 * @param root  the checkout
 * @param say   prints the one line of progress
 * @throws an Error with the bundler's output, when it fails
 */
export async function buildMiniapp(root, say = (line) => console.log(line)) {
  const stampFile = path.join(root, "miniapp/dist/.stamp");
  const stamp = stampOf(root);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  const began = Date.now();
  say("· building the Mini App (only when its sources changed)");
  await runVite(root);
  // The bundler empties its folder first, so a build that was cut off leaves no stamp.
  writeFileSync(stampFile, stamp);
  say(`· the Mini App is built (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
}

function stampOf(root) {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((source) => filesOf(root, source)))
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

function filesOf(root, source) {
  if (/\.\w+$/.test(source)) return existsSync(path.join(root, source)) ? [source] : [];
  return readdirSync(path.join(root, source), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .filter((file) => !NOT_SOURCES.test(file))
    .sort();
}

function runVite(root) {
  // Where npm put it depends on what else is installed.
  const vite = createRequire(path.join(root, "miniapp/package.json")).resolve("vite/package.json");
  const bin = path.join(path.dirname(vite), "bin/vite.js");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, "build"], { cwd: path.join(root, "miniapp") });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The Mini App could not be built; its output was:\n${said.slice(-4_000)}`));
    });
  });
}
