#!/usr/bin/env node
// `npm run build`: builds what a production server serves at /app/. Everything else runs from its sources.
import path from "node:path";
import process from "node:process";
import { buildMiniapp } from "./build-miniapp.mjs";
import { installDependencies } from "./install-dependencies.mjs";
import { answerHelp } from "./usage.mjs";

answerHelp("build");
const root = path.resolve(import.meta.dirname, "..");
await installDependencies(root);
try {
  await buildMiniapp(root);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
