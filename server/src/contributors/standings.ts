/** What workers are told of themselves: whose they are, what stands behind them, whether and until when their pay waits. */
import { eq, inArray, sql } from "drizzle-orm";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { WorkerStanding } from "@starai/protocol/worker-frames";
import { firstEarnedEpochs, heldUntil } from "../billing/held-pay.ts";
import { workerOwners } from "../billing/worker-owners.ts";
import type { ChainContext } from "../chain/context.ts";
import { peopleAddress } from "../chain/people-address.ts";
import { epochs, people, workerBindings } from "../db/schema.ts";

/** By worker, for all of them. */
export async function standingsOf(
  { db, ton }: Pick<ChainContext, "db" | "ton">,
  workers: readonly string[],
): Promise<Map<string, WorkerStanding>> {
  if (workers.length === 0) return new Map();
  const { chain } = ton;
  const owners = await workerOwners(db, workers);
  const firsts = await firstEarnedEpochs(db, workers);
  const rows = await db
    .select({ worker: workerBindings.worker, name: people.name })
    .from(workerBindings)
    .innerJoin(people, eq(people.id, workerBindings.person))
    .where(inArray(workerBindings.worker, [...workers]));
  const names = new Map(rows.map(({ worker, name }) => [worker, name]));
  const [{ last } = { last: 0 }] = await db
    .select({ last: sql<number>`coalesce(max(${epochs.number}), 0)` })
    .from(epochs);
  return new Map(
    workers.map((worker) => {
      const { wallet = null, stake = 0n } = owners.get(worker) ?? {};
      const name = names.get(worker);
      const running = last + 1;
      const address = wallet !== null && chain !== null ? peopleAddress(chain, wallet) : null;
      return [
        worker,
        {
          owner: name === undefined ? null : { name: firstNameOf(name), wallet: address },
          stake: String(stake),
          isPaid: chain === null || stake >= STAKE_MIN,
          // One that never earned would begin to wait with its first pay, which would be now.
          heldUntilEpoch: heldUntil(firsts.get(worker) ?? running, running),
        },
      ];
    }),
  );
}

/** A terminal may stand where others look: of the name only its first word. */
function firstNameOf(name: string): string {
  return name.trim().split(/\s+/, 1)[0] ?? "";
}
