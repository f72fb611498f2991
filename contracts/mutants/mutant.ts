import { compile } from "../scripts/compile.ts";

/** One seeded fault: in this contract's file, `from` becomes `to`. `tests` are the files that must catch it. */
export interface Mutant {
  fault: string;
  contract: string;
  file: string;
  from: string;
  to: string;
  tests: readonly string[];
}

/** Compiles a contract with the fault in it. Throws unless `from` occurs in the source exactly once. */
export async function mutate({ contract, file, from, to, fault }: Mutant) {
  let seeded = 0;
  const artefact = await compile(contract, (read, source) => {
    if (!read.endsWith(file)) return source;
    seeded += source.split(from).length - 1;
    return source.replace(from, () => to);
  });
  if (seeded !== 1) throw new Error(`"${fault}" must match ${file} once, and matches ${seeded} times`);
  return artefact;
}
