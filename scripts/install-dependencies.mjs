// Installs what package-lock.json names, once: shared by every `npm run …` of this repository. Plain JavaScript, no dependency.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

const NODE_NEEDED = [20, 19];
/** Interval of progress lines: a silent minute looks like a hang. */
const PROGRESS_EVERY_MS = 10_000;
/** Length of npm's output kept for the error message. */
const SAID_CHARACTERS_MAX = 16_000;
const NPM_CI = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
/** What a copy that a pool's `/join` handed out needs: the worker and what starts it. */
const WORKER_ALONE = ["--omit=dev", "--workspace=worker", "--include-workspace-root"];

/**
 * Returns after `node_modules` holds exactly the lock file's packages. Ends the process with advice when that fails.
 * Writes to stderr only, so that stdout belongs to the program.
 */
export async function installDependencies(root) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor < NODE_NEEDED[1]))
    stop(
      `StarAI needs Node.js ${NODE_NEEDED.join(".")} or newer; this is ${process.versions.node}. Install a current one from nodejs.org.`,
    );
  const stamp = path.join(root, "node_modules", ".starai-installed");
  const lock = readFileSync(path.join(root, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const { code, said } = await npmCi(root, packageFolders(lock));
  if (code !== 0)
    stop(
      `Dependencies could not be installed (npm ci ended with ${code}).\n${said.slice(-1500)}\nCheck the network or npm's registry setting, then run the same command again.`,
    );
  writeFileSync(stamp, wanted);
}

/** Folders of the packages that every platform gets. */
function packageFolders(lock) {
  const { packages } = JSON.parse(lock.toString("utf8"));
  return Object.keys(packages).filter((folder) => packages[folder].integrity && !packages[folder].optional);
}

/** Prints every 10 s how many packages are unpacked: npm prints nothing without a terminal, and little with one. */
async function npmCi(root, folders) {
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(0)} s`;
  const isWorkerAlone = !existsSync(path.join(root, "server/src"));
  // How many of the lock file's packages a worker takes is npm's to find out.
  const all = isWorkerAlone ? "" : ` of ${folders.length}`;
  say(
    `installing ${isWorkerAlone ? "what a worker needs (once, 0.2 GB)" : `${folders.length} dependencies (once; a minute or two, 0.7 GB)`}`,
  );
  const timer = setInterval(() => {
    const unpacked = folders.filter((folder) => existsSync(path.join(root, folder, "package.json"))).length;
    say(`installing: ${unpacked}${all} packages are unpacked (${seconds()})`);
  }, PROGRESS_EVERY_MS);
  const result = await runNpm(root, isWorkerAlone ? [...NPM_CI, ...WORKER_ALONE] : NPM_CI);
  clearInterval(timer);
  if (result.code === 0) say(`dependencies installed (${seconds()})`);
  return result;
}

function runNpm(root, words) {
  return new Promise((resolve) => {
    const windows = process.platform === "win32";
    const child = spawn(windows ? "npm.cmd" : "npm", words, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: windows,
    });
    let said = "";
    const hear = (chunk) => (said = (said + chunk).slice(-SAID_CHARACTERS_MAX));
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", (error) => resolve({ code: 1, said: `${said}${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, said }));
  });
}

function say(line) {
  process.stderr.write(`· ${line}\n`);
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
