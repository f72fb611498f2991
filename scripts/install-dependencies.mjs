// Installs what package-lock.json names, once: shared by `npm start`, `npm test` and `npm run check`. Plain JavaScript, no dependency.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

const NODE_NEEDED = [20, 19];

/** Returns after `node_modules` holds exactly the lock file's packages. Ends the process with advice when that fails. */
export async function installDependencies(root) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor < NODE_NEEDED[1]))
    stop(
      `StarAI needs Node.js ${NODE_NEEDED.join(".")} or newer; this is ${process.versions.node}. Install a current one from nodejs.org.`,
    );
  const stamp = path.join(root, "node_modules", ".starai-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const began = Date.now();
  process.stdout.write("· installing dependencies (once; about a minute) …\n");
  const { code, said } = await npmInstall(root);
  if (code !== 0)
    stop(
      `Dependencies could not be installed (npm install ended with ${code}).\n${said.slice(-1500)}\nCheck the network or npm's registry setting, then run the same command again.`,
    );
  writeFileSync(stamp, wanted);
  process.stdout.write(`· dependencies installed (${((Date.now() - began) / 1000).toFixed(0)} s)\n`);
}

/**
 * Installs by the lock file without rewriting it. Not `npm ci`: that refuses a lock without the engine binaries of other
 * platforms, and a package mirror that does not carry them cannot put them there.
 */
function npmInstall(root) {
  return new Promise((resolve) => {
    const windows = process.platform === "win32";
    const child = spawn(windows ? "npm.cmd" : "npm", ["install", "--no-save", "--no-progress", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: windows,
    });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.on("error", (error) => resolve({ code: 1, said: `${said}${error.message}` }));
    child.on("exit", (code) => resolve({ code: code ?? 1, said }));
  });
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
