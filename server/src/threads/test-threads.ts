/** For tests: a server's threads over a database of its own, with scripted runs. */
import { pino } from "pino";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { readConfig } from "../config.ts";
import type { AppContext } from "../context.ts";
import { createTestDatabase } from "../db/test-database.ts";
import { WorkerRegistry } from "../pool/worker-registry.ts";
import { WorkerSession } from "../pool/worker-session.ts";
import { ScriptedRuns } from "./scripted-runs.ts";

export const BOT_KEY = "the-bot-key-of-a-test-0123456789abcdef";

export async function openTestThreads() {
  const database = await createTestDatabase();
  const config = readConfig({ STARAI_HOME: "/nowhere", STARAI_MODELS: "/nowhere", STARAI_BOT_KEY: BOT_KEY });
  const catalogue = loadCatalogue();
  const log = pino({ level: "silent" });
  const runs = new ScriptedRuns(database.db);
  const ctx = {
    config,
    log,
    catalogue,
    db: database.db,
    pg: database.pg,
    clock: Date.now,
    random: Math.random,
    runs,
    registry: new WorkerRegistry({ catalogue, clock: Date.now }),
  } as unknown as AppContext;
  return {
    ctx,
    runs,
    join: (model: string, decodeTokensPerS: number) => join(ctx, model, decodeTokensPerS),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

/** A worker with this model is online from now on; it takes no work. Returns how to send it away. */
function join(ctx: AppContext, id: string, decodeTokensPerS: number): () => void {
  const sha256 = ctx.catalogue.get(id)?.sha256 ?? "";
  const speed = { prefillTokensPerS: decodeTokensPerS * 5, decodeTokensPerS };
  const facts = { engine: "none", contextTokens: 4_096, kvType: "f16", constraint: "gbnf", tokenIds: true } as const;
  const line = { send: () => true, close: () => undefined, hold: () => undefined };
  const worker = { id: `${id}-worker`, name: "w", devices: [], completed: 0, failed: 0 };
  const session = new WorkerSession(
    { ...worker, models: [{ id, sha256, slots: 1, ...facts, ...speed }] },
    line,
    Date.now(),
  );
  ctx.registry.join(session);
  return () => ctx.registry.leave(session);
}
