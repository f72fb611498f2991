/** StarAI's contracts on this chain: deployed once, by the same function as on any network, and recorded beside it. */
import fs from "node:fs";
import path from "node:path";
import { Address } from "@ton/core";
import { z } from "zod";

const Raw = z.string().transform((text) => Address.parse(text));
const Kept = z.object({ networkId: z.number().int(), vault: Raw, distributor: Raw });
export type Deployment = z.output<typeof Kept>;

const fileIn = (folder: string) => path.join(folder, "deployment.json");

/** Null before the contracts are deployed. @throws when the file is damaged */
export function readDeployment(folder: string): Deployment | null {
  const file = fileIn(folder);
  if (!fs.existsSync(file)) return null;
  try {
    return Kept.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch (error) {
    throw new Error(`${file} is damaged. Put a copy in its place, or move its folder away to begin a new chain.`, {
      cause: error,
    });
  }
}

export function keepDeployment(folder: string, { networkId, vault, distributor }: Deployment): void {
  const text = JSON.stringify(
    { networkId, vault: vault.toRawString(), distributor: distributor.toRawString() },
    null,
    2,
  );
  // Written to a temporary file and renamed, so that a kill leaves either no file or a whole one.
  fs.writeFileSync(`${fileIn(folder)}.new`, text, { mode: 0o600, flush: true });
  fs.renameSync(`${fileIn(folder)}.new`, fileIn(folder));
}
