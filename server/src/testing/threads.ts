/** For tests: a server's threads over a database of its own, whose model's words are scripted. */
import { pino } from "pino";
import { readConfig } from "../config.ts";
import type { AppContext } from "../context.ts";
import { createContext } from "../create-context.ts";
import { createTestDatabase } from "./database.ts";
import { RunManager } from "../agent/run-manager.ts";
import { NO_HISTORY } from "../pool/worker-record.ts";
import { ConnectedWorker } from "../pool/connected-worker.ts";
import { LAVISH } from "./lavish.ts";
import { ScriptedThinking } from "./scripted-thinking.ts";

export const BOT_KEY = "the-bot-key-of-a-test-0123456789abcdef";

export const BOT_TOKEN = "700000:the-token-of-a-test-0123456789abcde";

export async function openTestThreads(env: Record<string, string> = {}) {
  const database = await createTestDatabase();
  const thinking = new ScriptedThinking();
  const config = readConfig({
    STARAI_HOME: "/nowhere",
    STARAI_MODELS: "/nowhere",
    STARAI_BOT_KEY: BOT_KEY,
    BOT_TOKEN,
    STARAI_TITLES: "off",
    ...env,
  });
  const log = pino({ level: process.env.STARAI_LOG_LEVEL ?? "silent" });
  const ctx = { ...createContext({ config, log, db: database.db, pg: database.pg, money: LAVISH }) };
  ctx.runs = new RunManager(ctx, thinking.submit);
  return {
    ctx,
    thinking,
    join: (model: string, decodeTokensPerS: number, id?: string) => join(ctx, model, decodeTokensPerS, id),
    /** Follows a run to its end. */
    ended: async (run: string) => {
      for await (const { event } of ctx.runs.events(run)) if (event.type === "end") return;
    },
    /** As a new server over the same rows, while the pool's jobs go on. */
    restart: async () => {
      const old = ctx.runs;
      await old.shutdown(0);
      ctx.runs = new RunManager(ctx, thinking.submit);
      await ctx.runs.resumeInterrupted();
    },
    [Symbol.asyncDispose]: async () => {
      await ctx.runs.shutdown(0);
      await database.close();
    },
  };
}

/** A worker with this model is online from now on; it takes no work. Returns how to send it away. */
function join(ctx: AppContext, id: string, decodeTokensPerS: number, workerId = `${id}-worker`): () => void {
  const sha256 = ctx.catalogue.get(id)?.sha256 ?? "";
  const speed = { prefillTokensPerS: decodeTokensPerS * 5, decodeTokensPerS };
  const facts = { engine: "none", contextTokens: 4_096, kvType: "f16", constraint: "gbnf", tokenIds: true } as const;
  const line = { send: () => true, close: () => undefined, hold: () => undefined };
  // It has a record, and was measured over ten seconds.
  const record = ctx.registry.recordOf(workerId, { ...NO_HISTORY, completed: 3, score: { good: 3, bad: 0 } });
  const tenSeconds = { tokens: decodeTokensPerS * 10, ms: 10_000 };
  record.pace(id).learn(tenSeconds, tenSeconds, 1);
  const worker = {
    id: workerId,
    name: "w",
    version: "1",
    devices: [],
    askPercent: 100,
    notes: null,
    split: null,
    record,
  };
  const session = new ConnectedWorker(
    { ...worker, models: [{ id, sha256, slots: 1, ...facts, ...speed }] },
    line,
    Date.now(),
  );
  ctx.registry.join(session);
  return () => ctx.registry.leave(session);
}
