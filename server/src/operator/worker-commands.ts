/** An operator's commands about workers: list them, ban them, drain them. */
import { parseArgs } from "node:util";
import { desc, eq, like, or, sql } from "drizzle-orm";
import { workers } from "../db/schema.ts";
import { WITHOUT_END, isDrained } from "../pool/standing.ts";
import type { OperatorContext, OperatorCommand, Say } from "./command.ts";
import { minute } from "./shown.ts";

/** A few screens; a worker not seen lately is named by its key. */
const LISTED_MAX = 200;
const REASON_CHARS_MAX = 200;
const KEY = /^[0-9a-f]{64}$/;
/** The beginning of a key: no two workers share so much by chance. */
const KEY_BEGIN = /^[0-9a-f]{8,64}$/;

export const workerCommands = {
  workers: { args: "", summary: "lists the workers that were ever given work, the last seen first", run: listWorkers },
  ban: decision({
    summary:
      "closes its connection and refuses its key; if it is new, its pay that waits goes to refunds: coins when an epoch closes, Stars with the next float pay",
    outcome: "is banned",
    allows: ({ banned }) => (banned ? "is banned already" : null),
    set: (reason) => ({ bannedAt: sql`now()`, pauseReason: reason }),
  }),
  unban: decision({
    summary: "lets it join again",
    outcome: "may join again",
    allows: ({ banned }) => (banned ? null : "is not banned"),
    set: () => ({ bannedAt: null, pauseReason: null }),
  }),
  drain: decision({
    summary: "gives it no new work; what it works on is finished",
    outcome: "is drained",
    allows: ({ drained }) => (drained ? "is drained already" : null),
    set: (reason) => ({ pausedUntil: WITHOUT_END, pauseReason: reason }),
  }),
  undrain: decision({
    summary: "gives it work again",
    outcome: "gets work again",
    allows: ({ drained }) => (drained ? null : "is not drained"),
    set: () => ({ pausedUntil: null, pauseReason: null }),
  }),
} satisfies Record<string, OperatorCommand>;

async function listWorkers({ db }: OperatorContext, words: readonly string[], say: Say): Promise<void> {
  if (words.length > 0) throw new Error("`workers` takes no arguments: npm run operator -- workers");
  const rows = await db
    .select({ row: workers, drained: isDrained, paused: sql<boolean>`coalesce(${workers.pausedUntil} > now(), false)` })
    .from(workers)
    .orderBy(desc(workers.lastSeenAt))
    .limit(LISTED_MAX + 1);
  if (rows.length === 0) return say("No worker was given work yet.");
  for (const { row, drained, paused } of rows.slice(0, LISTED_MAX)) {
    const state = row.bannedAt ? "banned" : drained ? "drained" : paused ? "paused" : "may work";
    const seen = minute(row.lastSeenAt);
    const record = `${row.completed} done, ${row.failed} failed`;
    const reason = state === "may work" || row.pauseReason === null ? "" : `: ${shown(row.pauseReason)}`;
    say(`${row.id}  seen ${seen}  ${record.padEnd(24)}  ${shown(row.name)}  ${state}${reason}`);
  }
  if (rows.length > LISTED_MAX) say(`… and more: these are the ${LISTED_MAX} seen last.`);
}

interface Known {
  readonly id: string;
  readonly name: string;
  readonly banned: boolean;
  readonly drained: boolean;
}

interface Decision {
  readonly summary: string;
  readonly outcome: string;
  /** Null where the decision changes something, else why it does not. */
  readonly allows: (worker: Known) => string | null;
  readonly set: (reason: string | null) => Record<string, unknown>;
}

function decision({ summary, outcome, allows, set }: Decision): OperatorCommand {
  const run = async ({ db }: OperatorContext, words: readonly string[], say: Say) => {
    const { worker, reason } = readWords(words);
    const known = await findWorker({ db }, worker);
    const refusal = allows(known);
    if (refusal !== null) throw new Error(`${shown(known.name)} (${known.id.slice(0, 8)}…) ${refusal}.`);
    const values = { id: known.id, name: known.name, version: "" };
    // A worker that was never given work has no row yet.
    await db.insert(workers).values(values).onConflictDoNothing();
    await db.update(workers).set(set(reason)).where(eq(workers.id, known.id));
    say(`${shown(known.name)} (${known.id.slice(0, 8)}…) ${outcome}; a running server knows within 5 seconds.`);
  };
  return { args: "WORKER [--reason TEXT]", summary, run };
}

function readWords(words: readonly string[]): { worker: string; reason: string | null } {
  const { positionals, values } = parse(words);
  const [worker, ...more] = positionals;
  if (worker === undefined || more.length > 0)
    throw new Error("Name one worker, by its key or its name, as `npm run operator -- workers` shows them.");
  const reason = values.reason?.trim() ?? "";
  if (reason.length > REASON_CHARS_MAX || /\p{C}/u.test(reason))
    throw new Error(`A reason is one line of at most ${REASON_CHARS_MAX} characters.`);
  return { worker, reason: reason === "" ? null : reason };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], allowPositionals: true, options: { reason: { type: "string" } } });
  } catch {
    throw new Error('The only option is --reason, with its text: --reason "sends broken text".');
  }
}

async function findWorker({ db }: Pick<OperatorContext, "db">, named: string): Promise<Known> {
  const isKey = KEY_BEGIN.test(named);
  const found = await db
    .select({
      id: workers.id,
      name: workers.name,
      banned: sql<boolean>`${workers.bannedAt} is not null`,
      drained: isDrained,
    })
    .from(workers)
    .where(or(eq(workers.name, named), isKey ? like(workers.id, `${named}%`) : undefined))
    .limit(2);
  const [only, other] = found;
  if (other !== undefined) throw new Error(`More than one worker is called "${shown(named)}": name it by its key.`);
  if (only !== undefined) return only;
  if (KEY.test(named)) return { id: named, name: named.slice(0, 8), banned: false, drained: false };
  throw new Error(`No worker here is called "${shown(named)}": \`npm run operator -- workers\` lists them.`);
}

/** Workers choose their names: nothing in them may steer a terminal. */
function shown(text: string): string {
  return text.replaceAll(/\p{C}/gu, "").slice(0, REASON_CHARS_MAX);
}
