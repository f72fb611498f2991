/** A person's machines, in the app: which are theirs, and what stands behind them. */
import { Hono } from "hono";
import { z } from "zod";
import { NewAppeal, NewPairing } from "@starai/protocol/contributor";
import { WorkerKey } from "@starai/protocol/worker-key";
import type { AppContext } from "../context.ts";
import { storeAppeal } from "../contributors/appeal.ts";
import { myStake } from "../contributors/my-stake.ts";
import { pairingOffer, pairWorker, unpairWorker } from "../contributors/pair-worker.ts";
import { createOwnerCode } from "../contributors/owner-codes.ts";
import { machineRecord } from "../earnings/machine-record.ts";
import { contributorOverview } from "../earnings/overview.ts";
import { slashEvidence } from "../earnings/slash-evidence.ts";
import { parsed } from "./parse.ts";
import { requireSession } from "./require-session.ts";

const Machine = z.object({ worker: WorkerKey });
const Slash = z.object({ id: z.uuid() });

export function myMachineRoutes(ctx: AppContext) {
  const mine = requireSession(ctx);
  return new Hono()
    .get("/api/my/machines", mine, async (c) => c.json(await contributorOverview(ctx, c.get("session").person.id), 200))
    .post("/api/my/machines/offer", mine, parsed("json", NewPairing), async (c) =>
      c.json(await pairingOffer(ctx, { person: c.get("session").person.id, ...c.req.valid("json") }), 200),
    )
    .post("/api/my/machines", mine, parsed("json", NewPairing), async (c) => {
      await pairWorker(ctx, { person: c.get("session").person.id, ...c.req.valid("json") });
      return c.body(null, 204);
    })
    .post("/api/my/machines/codes", mine, (c) => {
      const { code, expiresAt } = createOwnerCode(ctx, c.get("session").person.id);
      return c.json({ code, expiresAt: expiresAt.toISOString() }, 200);
    })
    .delete("/api/my/machines/:worker", mine, parsed("param", Machine), async (c) => {
      await unpairWorker(ctx, { person: c.get("session").person.id, ...c.req.valid("param") });
      return c.body(null, 204);
    })
    .get("/api/my/machines/:worker/record", mine, parsed("param", Machine), async (c) =>
      c.json(await machineRecord(ctx, { person: c.get("session").person.id, ...c.req.valid("param") }), 200),
    )
    .get("/api/my/slashes/:id/evidence", mine, parsed("param", Slash), async (c) =>
      c.json(await slashEvidence(ctx, { person: c.get("session").person.id, ...c.req.valid("param") }), 200),
    )
    .post("/api/my/appeals", mine, parsed("json", NewAppeal), async (c) => {
      await storeAppeal(ctx, { person: c.get("session").person.id, ...c.req.valid("json") });
      return c.body(null, 204);
    })
    .get("/api/my/stake", mine, async (c) => c.json(await myStake(ctx, c.get("session").person.id), 200));
}
