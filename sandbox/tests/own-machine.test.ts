/** `npm start`: this machine's own worker is the operator's and staked, and free answers pay machines, before anybody pays, and stays so over restarts. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { toNano } from "@ton/core";
import { expect, onTestFinished, test } from "vitest";
import { visitDatabase } from "@starai/server/db/visit-database";
import { loadIdentity } from "@starai/worker/identity";
import { Stack } from "../src/stack-process.ts";

interface Owned {
  owner: string;
  stake: string;
  /** What is set aside for free answers, in nano coins. */
  promotion: string;
}

/** Whose this worker is, and what its owner's account holds. */
async function ownerOf(home: string, worker: string): Promise<Owned | undefined> {
  let found: Owned | undefined;
  await visitDatabase({ databaseUrl: null, home }, async ({ pg }) => {
    const { rows } = await pg.query<Owned>(
      `select p.name as owner, s.stake::text as stake, a.balance::text as promotion from worker_bindings b
         join people p on p.id = b.person join wallets w on w.person = p.id
         join contributor_stakes s on s.wallet = w.address
         join ledger_accounts a on a.asset = 'coin' and a.kind = 'promo'
       where b.worker = $1`,
      [worker],
    );
    found = rows[0];
  });
  return found;
}

test("the first start stakes this machine's worker and sets coins aside for free answers, and a second start changes nothing", async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-own-"));
  await chmod(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const { key } = await loadIdentity(path.join(home, "own-worker"));
  for (const start of ["first", "second"]) {
    await using stack = await Stack.open({ home, model: "smollm2-135m" });
    await stack.until(
      `the stake after the ${start} start`,
      60_000,
      async () => (await ownerOf(home, key)) !== undefined,
    );
    expect(await ownerOf(home, key)).toEqual({
      owner: "Operator",
      stake: String(toNano("10")),
      promotion: String(toNano("10")),
    });
  }
}, 400_000);
