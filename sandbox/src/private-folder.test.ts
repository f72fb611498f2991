import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { ChainClock } from "./ton/chain-clock.ts";
import { BlockLog } from "./ton/block-log.ts";
import { loadRoles } from "./ton/roles.ts";

const base = mkdtempSync(path.join(os.tmpdir(), "starai-private-"));
chmodSync(base, 0o755);
afterAll(() => rmSync(base, { recursive: true }));

const mode = (folder: string) => (statSync(folder).mode & 0o777).toString(8);

test("whichever chain file comes first, other accounts may enter the data folder but not the chain's", async () => {
  const makers: [string, (folder: string) => unknown][] = [
    ["keys", (folder) => loadRoles(folder)],
    ["clock", (folder) => new ChainClock(folder).advance(1)],
    [
      "blocks",
      async (folder) => (await BlockLog.open(path.join(folder, "chain.log"), () => {}))[Symbol.asyncDispose](),
    ],
  ];
  for (const [name, make] of makers) {
    const home = path.join(base, name);
    await make(path.join(home, "ton"));
    expect([name, mode(home), mode(path.join(home, "ton"))]).toEqual([name, "755", "700"]);
  }
});
