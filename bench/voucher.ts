/** Measures the code a page loads to sign a voucher, against libraries for the same, and Node's time to verify one. */
import { createRequire } from "node:module";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { signVerify } from "@ton/crypto";
import { newSessionKey } from "@starai/contracts/session-key";
import { signVoucher, verifyVoucher } from "@starai/contracts/voucher";
import { bundleModule } from "@starai/sandbox/bundle-module";
import { median } from "./median.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const RUNS = 200;

export async function measureVoucher(): Promise<string[]> {
  // Where npm put what @ton/crypto itself signs and hashes with.
  const { resolve } = createRequire(createRequire(import.meta.url).resolve("@ton/crypto"));
  const entries: [string, string][] = [
    ["`contracts/wrappers/voucher.ts`", path.join(ROOT, "contracts/wrappers/voucher.ts")],
    ["`contracts/wrappers/session-key.ts`, which makes its keys", path.join(ROOT, "contracts/wrappers/session-key.ts")],
    ["the same by @ton/core and @ton/crypto, Buffer not counted", path.join(ROOT, "contracts/tests/test-voucher.ts")],
    ["tweetnacl alone, for browsers without Ed25519", resolve("tweetnacl")],
    ["jssha's SHA-256 alone, to hash at once", resolve("jssha/sha256")],
  ];
  const lines = ["| in the bundle | minified | gzip |", "|---|---:|---:|"];
  for (const [name, file] of entries) {
    const code = await bundleModule(file);
    lines.push(`| ${name} | ${kilobytes(Buffer.byteLength(code))} | ${kilobytes(gzipSync(code).length)} |`);
  }
  return [...lines, "", await checking()];
}

async function checking(): Promise<string> {
  const { publicKey, privateKey } = await newSessionKey();
  const voucher = { networkId: -239, escrow: `0:${"5a".repeat(32)}`, round: 0, cumulative: 1_000_000_000n };
  const signature = await signVoucher(voucher, privateKey);
  const [hash, key, signed] = [Buffer.alloc(32), Buffer.from(publicKey), Buffer.from(signature)];
  const ours = await timesOf(() => verifyVoucher(voucher, signature, publicKey));
  const theirs = await timesOf(async () => signVerify(hash, signed, key));
  return `A voucher is checked in ${ours.toFixed(2)} ms, off the main thread; @ton/crypto's \`signVerify\` holds it for ${theirs.toFixed(1)} ms, without the hash.`;
}

async function timesOf(work: () => Promise<boolean>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return median(times);
}

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
