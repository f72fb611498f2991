import { afterEach, expect, test, vi } from "vitest";
import { readCommandLine } from "./command-line.ts";
import { standingWords } from "./earnings/words.ts";
import { help } from "./help.ts";

afterEach(() => void vi.unstubAllEnvs());

const NOBODYS = { owner: null, stake: "0", isPaid: false, heldUntilEpoch: null };

test("a worker from a clone names npm's command", () => {
  vi.stubEnv("STARAI_COMMAND", undefined);
  expect(standingWords(NOBODYS).join(" ")).toContain("Make it yours: npm run worker -- pair");
  expect(help()).toContain("  npm run worker -- <command> [options]\n");
});

test("one that joined by /join names the command that works there, in help and in faults too, and npm's nowhere", () => {
  vi.stubEnv("STARAI_COMMAND", "curl -fsS https://pool.example/join | sh -s --");
  expect(standingWords(NOBODYS).join(" ")).toContain(
    "Make it yours: curl -fsS https://pool.example/join | sh -s -- pair",
  );
  expect(help()).toContain("  curl -fsS https://pool.example/join | sh -s -- <command> [options]\n");
  expect(help()).not.toContain("npm run worker");
  expect(() => readCommandLine(["nonsense"])).toThrow(/: curl -fsS \S+ \| sh -s -- help lists/);
});
