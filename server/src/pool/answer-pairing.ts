/** What a worker's owner asks at its terminal: a code to pair it by, and that it be nobody's again. */
import { pairingLink } from "../contributors/pairing-link.ts";
import { makePairingCode } from "../contributors/pairing-codes.ts";
import { unpairByKey } from "../contributors/pair-worker.ts";
import { workers } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { ConnectedWorker } from "./connected-worker.ts";
import type { PoolContext } from "./context.ts";
import type { Origin } from "./origin-of.ts";
import type { PairingShares } from "./pairing-shares.ts";
import { sendStandings } from "./send-standings.ts";

interface Wish {
  readonly wish: "pair" | "unpair";
  readonly origin: Origin;
  readonly shares: PairingShares;
}

/** One at a time for each socket: what comes meanwhile is dropped. */
export async function answerPairing(ctx: PoolContext, worker: ConnectedWorker, asked: Wish): Promise<void> {
  if (worker.facts.notes === null) return drop(worker, "this worker is too old to be paired: update it");
  if (worker.pairing) return drop(worker, "one thing at a time: wait for the answer");
  worker.pairing = true;
  try {
    await (asked.wish === "pair" ? sendCode(ctx, worker, asked) : unpair(ctx, worker));
  } catch (error) {
    if (!(error instanceof Refusal) && !ctx.health.noticed(error))
      ctx.log.warn({ err: error }, "a worker could not be paired");
    drop(worker, error instanceof Refusal ? error.message : "the pool cannot do this now: ask again in a minute");
  } finally {
    worker.pairing = false;
  }
}

async function sendCode(ctx: PoolContext, worker: ConnectedWorker, { origin, shares }: Wish): Promise<void> {
  const giveBack = shares.take(origin, ctx.monotonic());
  if (giveBack === null)
    return drop(worker, "machines at your address were given many pairing codes: ask again in ten minutes");
  const made = makePairingCode(ctx, worker.id);
  made.catch(giveBack);
  const { code, expiresAt } = await made;
  await remember(ctx, worker);
  worker.sender.send({ type: "pairing", code, link: pairingLink(ctx, code), expiresAt: expiresAt.toISOString() });
}

/** Its owner is to be shown its name, also where it never had a lease. Retention forgets it again (forget-workers.ts). */
async function remember({ db }: PoolContext, { facts: { id, name, version } }: ConnectedWorker): Promise<void> {
  await db.insert(workers).values({ id, name, version }).onConflictDoNothing();
}

async function unpair(ctx: PoolContext, worker: ConnectedWorker): Promise<void> {
  if (!(await unpairByKey(ctx, worker.id))) return drop(worker, "this worker is paired with nobody");
  await sendStandings(ctx, [worker]);
}

function drop({ sender }: ConnectedWorker, reason: string): void {
  sender.send({ type: "dropped", job: null, fence: null, reason });
}
