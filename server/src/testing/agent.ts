/** For tests: an agent over a real database, whose model's words are written by the test. */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { and, eq, ne } from "drizzle-orm";
import type { RunEvent } from "@starai/protocol/runs";
import { readConfig } from "../config.ts";
import type { AppContext } from "../context.ts";
import { createContext } from "../create-context.ts";
import { createTestDatabase } from "./database.ts";
import { messages, people, runs, steps, threads } from "../db/schema.ts";
import { ask as storeQuestion } from "../threads/ask.ts";
import { RunManager } from "../agent/run-manager.ts";
import { LAVISH } from "./lavish.ts";
import { ScriptedJobs } from "./scripted-jobs.ts";
import type { Engine } from "./scripted-jobs.ts";
import { writeDecision } from "../agent/step-format.ts";

/** Monday, 23 November 2026, 14:05 UTC. */
export const TEST_NOW = Date.UTC(2026, 10, 23, 14, 5);

export async function openTestAgent(engine: Engine) {
  const database = await createTestDatabase();
  const config = readConfig({
    STARAI_HOME: "/nowhere",
    STARAI_MODELS: "/nowhere",
    STARAI_TITLES: "off",
    STARAI_BOT_KEY: "the-bot-key-of-a-test-0123456789abcdef",
  });
  const parts = { config, log: pino({ level: "silent" }), db: database.db, pg: database.pg, money: LAVISH };
  const ctx = { ...createContext(parts), clock: () => TEST_NOW };
  const jobs = new ScriptedJobs(engine);
  ctx.runs = new RunManager(ctx, jobs.submit);
  return {
    ctx,
    jobs,
    runs: () => ctx.runs,
    /** The state after kill -9: everything live is gone, the rows and the pool's jobs are there. */
    restart: async (next?: ScriptedJobs) => {
      const old = ctx.runs;
      ctx.runs = new RunManager(ctx, (next ?? jobs).submit);
      await old.shutdown(0);
    },
    ask: (text: string, fields?: { thread?: string; language?: string }) => ask(ctx, text, fields),
    [Symbol.asyncDispose]: async () => {
      await ctx.runs.shutdown(0);
      await database.close();
    },
  };
}

/** A message and its run, as the threads' verbs would store them. */
async function ask(
  ctx: AppContext,
  text: string,
  { thread, language = "en" }: { thread?: string; language?: string } = {},
) {
  const telegramId = Math.floor(Math.random() * 1e12);
  const at = thread ?? (await newThread(ctx, telegramId, language));
  const [row] = await ctx.db.select({ headId: threads.headId }).from(threads).where(eq(threads.id, at));
  const { run } = await storeQuestion(ctx.db, {
    threadId: at,
    parentId: row?.headId ?? null,
    text,
    externalId: randomUUID(),
    model: "qwen2.5-coder-1.5b",
    mirrored: false,
  });
  return { run, thread: at };
}

async function newThread(ctx: AppContext, telegramId: number, language: string): Promise<string> {
  const [person] = await ctx.db.insert(people).values({ telegramId, name: "Ada", language }).returning();
  const [thread] = await ctx.db
    .insert(threads)
    .values({ personId: person?.id ?? "", chat: `telegram:${telegramId}` })
    .returning();
  return thread?.id ?? "";
}

/** Every event of a run until its end. */
export async function followed(runs: RunManager, run: string): Promise<RunEvent[]> {
  const seen: RunEvent[] = [];
  for await (const { event } of runs.events(run)) seen.push(event);
  return seen;
}

export async function rowsOf(ctx: AppContext, run: string) {
  const [row] = await ctx.db.select().from(runs).where(eq(runs.id, run));
  const stepRows = await ctx.db.select().from(steps).where(eq(steps.runId, run)).orderBy(steps.index);
  const said = await ctx.db
    .select()
    .from(messages)
    .where(and(eq(messages.id, row?.answerId ?? ""), ne(messages.text, "")));
  return { row, steps: stepRows, said };
}

export const answers = (text: string): string => writeDecision({ thought: "", action: { kind: "final_answer", text } });
export const calls = (tool: string, args: Record<string, unknown>): string =>
  writeDecision({ thought: "So.", action: { kind: "tool", tool, args } });
