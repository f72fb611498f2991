#!/usr/bin/env node
// `npm start`: installs the dependencies once, builds the Mini App, then runs the sandbox and ends with its exit code. Plain JavaScript, no dependency.
import { spawn } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { buildMiniapp } from "./build-miniapp.mjs";
import { installDependencies } from "./install-dependencies.mjs";
import { answerHelp } from "./usage.mjs";

answerHelp("start");
const root = path.resolve(import.meta.dirname, "..");
await installDependencies(root);
// Bot, pool and API work without it; /app/ then explains how to build it.
await buildMiniapp(root).catch((error) => console.error(`${error.message}\nEverything else starts without it.`));

const child = spawn(process.execPath, ["--import", "tsx", "sandbox/src/main.ts", ...process.argv.slice(2)], {
  cwd: root,
  // The closing channel signals to the sandbox that this process is gone.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// A terminal signals the whole group; a signal to this process alone is forwarded. The sandbox treats two at once as one.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
