/**
 * Brings the last closed epoch to the chain: its root is proposed, and opened once its time has come. Where nothing is to
 * do for it, claims are brought for owners. One message a round, under a lock that servers on one database share.
 */
import { eq } from "drizzle-orm";
import { plainBody, proposeRootBody } from "@starai/contracts/RewardDistributor";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { chainCursors, epochs } from "../db/schema.ts";
import type { ClaimProofs } from "./claim-proofs.ts";
import { numberOf } from "./distributor.ts";
import type { SeenDistributor } from "./distributor.ts";
import { writeEpochFile } from "./epoch-file.ts";
import { planPublishing, stateOnChain } from "./plan-publishing.ts";
import type { Publishing } from "./plan-publishing.ts";
import type { Publisher } from "./publisher.ts";
import { runningEpoch } from "./running-epoch.ts";
import type { EpochRow } from "./running-epoch.ts";
import { sponsoredClaims } from "./sponsored-claims.ts";

/** Attached to what the distributor is told, nano units: what it does not need comes back or is the pool's. */
const ATTACHED = 20_000_000n;
const LOCK = "publisher";

type Parts = Pick<ChainContext, "clock" | "db" | "log" | "pg">;

interface PublishParts {
  readonly chain: Chain;
  readonly publisher: Publisher | null;
  readonly proofs: ClaimProofs;
}

export type Published = Publishing["kind"] | "pool" | "busy" | "poor" | "claims" | "no_publisher" | "locked" | "behind";

/** What was done, or why nothing was. @throws the endpoint's and the database's faults; the next round goes on */
export async function publishRound(
  ctx: Parts,
  parts: PublishParts,
  { seen, signal }: { seen: SeenDistributor; signal: AbortSignal },
): Promise<Published> {
  const client = await ctx.pg.connect();
  try {
    // Of the session, not of a transaction: none is open while an endpoint is asked.
    const { rows } = await client.query<{ held: boolean }>(
      "select pg_try_advisory_lock(hashtextextended($1, 0)) as held",
      [LOCK],
    );
    if (rows[0]?.held !== true) return "locked";
    try {
      return await publish(ctx, parts, { seen, signal });
    } finally {
      await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", [LOCK]);
    }
  } finally {
    client.release();
  }
}

interface Round {
  readonly seen: SeenDistributor;
  readonly signal: AbortSignal;
}

async function publish(ctx: Parts, parts: PublishParts, round: Round): Promise<Published> {
  const { chain, publisher } = parts;
  const { seen, signal } = round;
  if (await isBehind(ctx, seen)) return "behind";
  const { published } = await runningEpoch(ctx.db);
  if (published === null) return "done";
  const epoch = await followChain(ctx, published, seen);
  const plan = planPublishing(epoch, seen);
  if (plan.kind === "write_file") {
    await writeEpochFile(ctx, epoch, { networkId: chain.networkId, distributor: chain.distributor.toRawString() });
    return "write_file";
  }
  if (publisher === null) return "no_publisher";
  if (plan.kind === "propose" || plan.kind === "activate") {
    if (plan.kind === "propose" && !seen.publisher?.equals(publisher.address)) return "no_publisher";
    const body = plan.kind === "propose" ? proposalOf(epoch, seen) : plainBody("ActivateRoot");
    const outcome = await publisher.send([{ to: chain.distributor, value: ATTACHED, body }], signal);
    return outcome === "sent" ? plan.kind : outcome;
  }
  if (plan.kind === "wait" && plan.for === "pool") return "pool";
  const claims = await sponsoredClaims(ctx, parts, round);
  if (claims.length === 0) return plan.kind;
  const outcome = await publisher.send(claims, signal);
  return outcome === "sent" ? "claims" : outcome;
}

/** The endpoint does not know yet what is in the books: what it says of roots may be over. */
async function isBehind({ db }: Parts, { lt }: SeenDistributor): Promise<boolean> {
  const [cursor] = await db.select({ lt: chainCursors.lt }).from(chainCursors).where(eq(chainCursors.role, "pool"));
  return cursor !== undefined && lt < cursor.lt;
}

/** The row says what the chain does. */
async function followChain({ db, log }: Parts, epoch: EpochRow, seen: SeenDistributor): Promise<EpochRow> {
  const now = stateOnChain(epoch, seen);
  if (now === null) return epoch;
  const at = new Date(seen.nowS * 1_000);
  const set = {
    state: now.state,
    why: now.state === "dropped" ? now.why : null,
    ...(now.state === "proposed" ? { proposedAt: at } : {}),
    ...(now.state === "active" ? { activeAt: new Date(seen.activatedAt * 1_000) } : {}),
  };
  await db.update(epochs).set(set).where(eq(epochs.number, epoch.number));
  if (now.state === "dropped")
    log.error(
      { epoch: epoch.number, why: now.why },
      "an epoch's root was dropped on the chain: nobody loses anything, its leaves are owed as before. See why, then `npm run operator -- epochs propose` proposes them anew",
    );
  return { ...epoch, ...set };
}

function proposalOf({ chainEpoch, root, total, dataHash }: EpochRow, { totalCum }: SeenDistributor) {
  return proposeRootBody({
    epoch: chainEpoch,
    root: numberOf(root!),
    // What was owed by a revoked root stays owed, on top of the leaves.
    totalCum: total > totalCum ? total : totalCum,
    dataHash: numberOf(dataHash!),
  });
}
