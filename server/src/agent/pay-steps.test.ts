import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { DEFAULT_SETTINGS } from "../billing/money-settings.ts";
import { createContext } from "../create-context.ts";
import { createTestDatabase } from "../testing/database.ts";
import { fund } from "../testing/money.ts";
import { silentConfig, silentLog } from "../testing/quiet.ts";
import { StepPayments, stepKey } from "./pay-steps.ts";
import type { StoredRun } from "./run-store.ts";

const MODEL = loadCatalogue().get("qwen2.5-coder-1.5b")!;
const STEP = { index: 0, attempt: 0, turns: [{ role: "user" as const, content: "Hi." }], maxTokens: 500 };
/** Pays for half of such a step. */
const POOR = 1_200_000n;

async function openPayments() {
  const database = await createTestDatabase();
  const money = { ...DEFAULT_SETTINGS, free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } };
  const parts = { config: silentConfig(), log: silentLog, db: database.db, pg: database.pg, money };
  const ctx = createContext(parts);
  const [id, personId] = [randomUUID(), randomUUID()];
  await fund(ctx, personId, { stars: POOR });
  const run = { snapshot: { id }, bill: id, personId, inGroup: false } as StoredRun;
  return {
    ctx,
    run,
    /** As a server has them that just started. */
    payments: () => new StepPayments(ctx, { run, model: MODEL, contextTokens: 4_096 }),
    [Symbol.asyncDispose]: async () => {
      await ctx.ledger[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

test("a step that a poor purse does not cover must be the last one", async () => {
  await using opened = await openPayments();
  expect(await opened.payments().plan(STEP)).toMatchObject({ kind: "last" });
});

test("a step asked for before a restart is not refused for what it has cost itself", async () => {
  await using opened = await openPayments();
  const { ctx, run } = opened;
  await opened.payments().plan(STEP);
  await ctx.pg.query("update ledger_holds set used = amount");
  await expect(opened.payments().plan(STEP)).rejects.toMatchObject({ code: "payment_required" });
  await ctx.pg.query(
    `insert into jobs (key, owner, model, request, state, deadline_at, finished_at)
     values ($1, 'person:x', 'm', '{}', 'done', now(), now())`,
    [stepKey(run.snapshot.id, STEP)],
  );
  expect(await opened.payments().plan(STEP)).toEqual({ kind: "fits" });
  await expect(opened.payments().plan({ ...STEP, index: 1 })).rejects.toMatchObject({ code: "payment_required" });
});
