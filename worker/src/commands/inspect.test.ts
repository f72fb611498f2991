import { expect, test } from "vitest";
import { catalogued } from "../open-engines.ts";
import { describeEngine } from "./inspect.ts";

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
