import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PoolPrices } from "@starai/protocol/pool-prices";
import { buildHere } from "../engines/llama-server/build.ts";
import { catalogued } from "../open-engines.ts";
import { makeWorkerHome } from "../testing/worker-home.ts";
import { describeEngine, groupLines } from "./inspect.ts";

const { id, sha256 } = catalogued("smollm2-135m");
const served = {
  id,
  sha256,
  engine: "llama.cpp",
  contextTokens: 2_048,
  kvType: "f16",
  constraint: "gbnf",
  tokenIds: true,
  slots: 2,
  prefillTokensPerS: 62,
  decodeTokensPerS: 20,
} as const;

test("the report says how fast a model runs, and when that was measured on a busy machine", () => {
  const alone = describeEngine({ served, measuredBusy: false });
  expect(alone).toContain("reads 62 and writes 20.0 tokens/s");
  expect(alone).not.toContain("other programs");
  expect(describeEngine({ served, measuredBusy: true })).toContain("measured while other programs used the machine");
});

/** A pool in which one machine with this build lends 12 GB. */
function lent(build: string): PoolPrices {
  const lends = [{ build, memoryBytes: [12e9] }];
  return { coin: "GRAM", microUsdPerCoin: null, feeBasisPoints: 0, models: [], lent: lends };
}

test("of what the pool's machines lend, only what carries this machine's build counts, and where the pool is silent none", async () => {
  await using home = await makeWorkerHome();
  const llamaCppFolder = join(home.config.home, "own-build");
  await mkdir(llamaCppFolder, { recursive: true });
  await writeFile(join(llamaCppFolder, "llama-server"), "a program");
  const config = { ...home.config, llamaCppFolder };
  const build = (await buildHere(config))!;
  const model = catalogued("qwen2.5-14b-instruct");
  const rows = [{ model, present: false, fits: false, verdict: "no" }];
  const said = async (prices: PoolPrices | string) =>
    (await groupLines(rows, { freeBytes: 4e9, prices }, config)).join("\n");
  expect(await said(lent(build))).toContain("or one of the pool's machines, you could serve");
  for (const other of [lent("0".repeat(64)), "it cannot be reached"]) {
    const text = await said(other);
    expect(text).toContain("two more machines like this one");
    expect(text).not.toContain("the pool's machines");
  }
});
