import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { allMutants } from "./all.ts";
import { mutate } from "./mutant.ts";
import type { Mutant } from "./mutant.ts";

const root = path.resolve(import.meta.dirname, "../..");

/**
 * `npm run test:mutants -- contracts [word]`: seeds one fault after the other into the contracts and runs the tests that must catch
 * it; false if one survives. With a word, only faults whose contract or description contains it.
 */
export async function mutateContracts([word = ""]: readonly string[]): Promise<boolean> {
  const chosen = allMutants.filter(({ contract, fault }) => `${contract} ${fault}`.includes(word));
  let survivors = 0;
  for (const mutant of chosen) {
    const caughtBy = await run(mutant);
    if (!caughtBy) survivors += 1;
    console.log(
      `${caughtBy ? "caught  " : "SURVIVED"} ${mutant.contract}: ${mutant.fault}${caughtBy ? ` — by "${caughtBy}"` : ""}`,
    );
  }
  console.log(`${chosen.length - survivors} of ${chosen.length} mutants caught`);
  return survivors === 0 && chosen.length > 0;
}

/** The name of the first test that failed, or null where all passed. One file at a time: most faults are caught by the first. */
async function run(mutant: Mutant): Promise<string | null> {
  const artefacts = mkdtempSync(path.join(tmpdir(), "mutant-"));
  try {
    writeFileSync(path.join(artefacts, `${mutant.contract}.json`), JSON.stringify(await mutate(mutant)));
    for (const test of mutant.tests) {
      const failed = firstFailure(`contracts/tests/${test}.test.ts`, artefacts);
      if (failed) return failed;
    }
    return null;
  } finally {
    rmSync(artefacts, { recursive: true });
  }
}

function firstFailure(file: string, artefacts: string): string | null {
  const config = ["--config", "contracts/mutants/vitest.config.ts", "--root", root];
  const { status, stdout, stderr } = spawnSync(path.join(root, "node_modules/.bin/vitest"), ["run", ...config, file], {
    cwd: root,
    env: { ...process.env, MUTANT_ARTEFACTS: artefacts },
    encoding: "utf8",
  });
  if (status === 0) return null;
  const failed = /FAIL\s+.* > (.*)/.exec(stripVTControlCharacters(`${stdout}${stderr}`))?.[1];
  if (!failed) throw new Error(`the tests could not run:\n${stdout}${stderr}`);
  return failed.trim();
}
