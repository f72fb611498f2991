/** Measures the code a page loads to ask a wallet for a message, against @ton/core's for the same. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { contributorAccountCode } from "@starai/contracts/ContributorAccount";
import { Escrow } from "@starai/contracts/Escrow";
import { bundleModule } from "@starai/sandbox/bundle-module";

const WRAPPERS = path.resolve(import.meta.dirname, "../contracts/wrappers");
const OURS = ["deposit-request", "escrow-requests", "contributor-requests", "request-once"].map((name) =>
  path.join("connect", name),
);
const THEIRS = ["Vault", "Escrow", "RewardDistributor"];
const CODES = [Escrow.code, contributorAccountCode];

export async function measureConnect(): Promise<string[]> {
  const rows: [string, string[]][] = [
    ["all requests", OURS],
    ...OURS.map((name): [string, string[]] => [`\`${name}.ts\` alone`, [name]]),
    ["the same messages by the wrappers and @ton/core, Buffer not counted", THEIRS],
  ];
  const lines = ["| in the bundle | minified | gzip |", "|---|---:|---:|"];
  for (const [name, modules] of rows) {
    const code = await bundleTogether(modules);
    if (modules !== THEIRS && /\bBuffer\b/.test(code)) throw new Error(`${name} needs a Buffer, which no page has`);
    lines.push(rowOf(name, code));
  }
  return [
    ...lines,
    rowOf(
      "of all requests, the two contracts' compiled code",
      CODES.map((code) => code.toBoc().toString("base64")).join(""),
    ),
  ];
}

async function bundleTogether(modules: readonly string[]): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  try {
    const entry = path.join(folder, "entry.ts");
    const files = modules.map((name) => path.join(WRAPPERS, `${name}.ts`));
    await writeFile(entry, files.map((file) => `export * from ${JSON.stringify(file)};\n`).join(""));
    return await bundleModule(entry);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const rowOf = (name: string, code: string): string =>
  `| ${name} | ${kilobytes(Buffer.byteLength(code))} | ${kilobytes(gzipSync(code).length)} |`;

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
