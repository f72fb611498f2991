/** What the pool knows of machines now, for their owner's screens. */
import { inArray } from "drizzle-orm";
import type { MachineView, WhyNot } from "@starai/protocol/contributor";
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import { workers } from "../db/schema.ts";
import { isPaused } from "../scheduler/eligibility.ts";
import type { ConnectedWorker } from "./connected-worker.ts";
import type { PoolContext } from "./context.ts";
import { isDrained } from "./standing.ts";

export type MachineFacts = Pick<
  MachineView,
  "online" | "running" | "tokensPerS" | "models" | "askPercent" | "why" | "reason" | "temperatureC"
>;

type Parts = Pick<PoolContext, "db" | "registry" | "monotonic">;

/** What an operator or the pool decided, as the row has it. */
interface Decided {
  readonly isBanned: boolean;
  readonly isDrained: boolean;
  readonly reason: string | null;
}

const NOTHING: Decided = { isBanned: false, isDrained: false, reason: null };
/** What keeps a connected worker from jobs that others get, most important first. */
const BY_CHANCE = ["no_demand", "price", "slow"] as const satisfies readonly WhyNot[];

/** By worker key; one that was never given work and is not connected counts as offline. */
export async function machineFacts(ctx: Parts, keys: readonly string[]): Promise<Map<string, MachineFacts>> {
  if (keys.length === 0) return new Map();
  const rows = await ctx.db
    .select({ id: workers.id, bannedAt: workers.bannedAt, isDrained, reason: workers.pauseReason })
    .from(workers)
    .where(inArray(workers.id, [...keys]));
  const decided = new Map(rows.map(({ id, bannedAt, ...row }) => [id, { ...row, isBanned: bannedAt !== null }]));
  return new Map(keys.map((key) => [key, factsOf(ctx, key, decided.get(key) ?? NOTHING)]));
}

function factsOf(ctx: Parts, key: string, decided: Decided): MachineFacts {
  const connected = ctx.registry.get(key);
  const now = ctx.monotonic();
  const why = whyLittle(ctx, connected, { key, decided, now });
  const isDecided = why.includes("banned") || why.includes("drained");
  const paused = why.includes("paused") ? (connected?.record.pauseReason ?? null) : null;
  return {
    online: connected !== undefined,
    running: connected?.leases ?? 0,
    tokensPerS: Math.round((connected?.rate.perS(now) ?? 0) * 10) / 10,
    models: connected ? modelsOf(connected) : [],
    askPercent: connected?.facts.askPercent ?? ASK_PERCENT.usual,
    why,
    reason: isDecided ? decided.reason : paused,
    temperatureC: connected?.temperatureC ?? null,
  };
}

function modelsOf({ facts, holdsLayersOf }: ConnectedWorker): string[] {
  return [...facts.models.map(({ id }) => id), ...(holdsLayersOf === null ? [] : [holdsLayersOf])];
}

function whyLittle(
  { registry }: Parts,
  connected: ConnectedWorker | undefined,
  { key, decided, now }: { key: string; decided: Decided; now: number },
): WhyNot[] {
  const why: WhyNot[] = connected ? [] : ["offline"];
  if (decided.isBanned) why.push("banned");
  if (connected && isPaused(connected.record, now)) why.push("paused");
  if (connected?.drained ?? decided.isDrained) why.push("drained");
  if (!connected) return why;
  const { unpaid } = registry.standingOf(connected, now);
  if (unpaid === "unstaked") why.push("unstaked");
  if (!connected.record.proven) why.push("stranger");
  if (unpaid === "day_cap") why.push("day_cap");
  return [...why, ...BY_CHANCE.filter((one) => registry.hours.oftenSkipped(key, one))];
}
