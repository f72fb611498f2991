#!/usr/bin/env node
// `npm run check`: format, lint, types, import rules, boundaries, sizes, dead code and document references, without services.
// Each check reports how much it looked at; a check that looked at nothing fails.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { installDependencies } from "./install-dependencies.mjs";
import { answerHelp } from "./usage.mjs";

answerHelp("check");
const root = path.resolve(import.meta.dirname, "..");
process.chdir(root);
await installDependencies(root);
// It needs typescript, which may have been installed just now.
const { checkBoundaries } = await import("./check-boundaries.mjs");
const { checkSizes } = await import("./sizes.mjs");

const tracked = run("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
  .out.split("\n")
  .filter((file) => file && existsSync(file));
const code = tracked.filter((file) => /\.(ts|tsx|mjs|cjs|js)$/.test(file));

/** @type {[string, () => { ok: boolean, looked: string, out: string, table?: string }][]} */
const checks = [
  ["format", () => tool("oxfmt", ["--check", "."], `${code.length} files`)],
  ["lint", () => tool("oxlint", ["--type-aware", "--deny-warnings", "."], `${code.length} files`)],
  ["types", checkTypes],
  ["imports", checkImports],
  ["boundaries", () => checkBoundaries(code)],
  ["sizes", () => checkSizes(code)],
  ["dead code", () => tool("knip", ["--no-progress"], `${code.length} files`)],
  ["documents", checkDocuments],
];

let failed = 0;
for (const [name, check] of checks) {
  const [began, cpuBegan] = [performance.now(), cpuSeconds()];
  const { ok, looked, out, table } = check();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const cpu = cpuBegan === null ? "" : `, ${(cpuSeconds() - cpuBegan).toFixed(1)} of CPU`;
  console.log(`${ok ? "ok  " : "FAIL"} ${name}: ${looked} (${seconds} s${cpu})`);
  if (table) console.log(table.replaceAll(/^/gm, "     "));
  if (!ok) {
    failed += 1;
    console.log(out.trim().split("\n").slice(0, 80).join("\n"));
  }
}
process.exit(failed === 0 ? 0 : 1);

function run(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  return { ok: result.status === 0, out: `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}` };
}

function tool(name, args, looked) {
  const { ok, out } = run(path.join("node_modules", ".bin", name), args);
  return { ok: ok && code.length > 0, looked, out };
}

/** Processor time of this process and its ended children; null where it is not available (all but Linux). */
function cpuSeconds() {
  if (!existsSync("/proc/self/stat")) return null;
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  // utime, stime, cutime and cstime (proc_pid_stat(5)), in ticks of 10 ms.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/**
 * By TypeScript 7, which needs less than half of 6's time. 6 stays for dependency-cruiser and our own scripts, since 7
 * has no interface for programs; both bring a `tsc`, so this one is called by its path.
 */
function checkTypes() {
  const tsc = ["node_modules/typescript-7/bin/tsc", "--noEmit"];
  const typed = run(process.execPath, [...tsc, "--tsBuildInfoFile", "node_modules/.cache/typescript-7.tsbuildinfo"]);
  const pages = run(process.execPath, [...tsc, "--project", "sandbox/tsconfig.pages.json"]);
  const files = code.filter((file) => /\.tsx?$/.test(file)).length;
  const scripts = code.filter((file) => /\/page\/.*\.js$/.test(file)).length;
  return {
    ok: typed.ok && pages.ok && files > 0 && scripts > 0,
    looked: `${files} files and ${scripts} scripts of pages`,
    out: typed.out + pages.out,
  };
}

/** dependency-cruiser reports success when it could read nothing, so the number of modules is part of the verdict. */
function checkImports() {
  const rooms = ["protocol", "contracts", "server", "worker", "bot", "miniapp", "sandbox", "bench"].filter((room) =>
    existsSync(room),
  );
  const { ok, out } = run("node_modules/.bin/depcruise", [
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "err-long",
    ...rooms,
  ]);
  const modules = Number(/(\d+) modules/.exec(out)?.[1] ?? 0);
  return { ok: ok && modules >= 50, looked: `${modules} modules`, out };
}

/** Checks that every path a document cites exists. */
function checkDocuments() {
  const documents = tracked.filter((file) => file.endsWith(".md"));
  const dead = [];
  let cited = 0;
  for (const document of documents) {
    const text = readFileSync(document, "utf8").replace(/```[\s\S]*?```/g, "");
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) =>
      path.join(path.dirname(document), match[1]),
    );
    const paths = [
      ...text.matchAll(
        /`((?:protocol|contracts|server|worker|bot|miniapp|sandbox|bench|scripts|migrations)\/[\w./-]*)`/g,
      ),
    ].map((match) => match[1]);
    for (const file of [...links, ...paths]) {
      cited += 1;
      if (!existsSync(file)) dead.push(`${document} cites ${file}, which does not exist`);
    }
  }
  return {
    ok: dead.length === 0 && documents.length > 0,
    looked: `${cited} references in ${documents.length} documents`,
    out: dead.join("\n"),
  };
}
