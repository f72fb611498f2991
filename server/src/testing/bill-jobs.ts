/** For tests: jobs of a bill as the pool ends them, without a pool. */
import { randomUUID } from "node:crypto";
import { chargeJob } from "../billing/charge-job.ts";
import type { MoneyContext } from "../billing/context.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { GroupMember } from "../db/group-member.ts";
import type { Timed } from "../prices/service-level.ts";

/** How an attempt ended, and who served it together. */
interface AttemptFacts {
  readonly timed?: Timed;
  readonly isFalse?: boolean;
  readonly members?: readonly GroupMember[];
}

type Attempt = readonly [worker: string, tokens: number, facts?: AttemptFacts];

/** A job of 1,000 tokens of prompt that these workers had in turn, with the tokens each delivered. Returns its id. */
export async function endJob(
  ctx: MoneyContext,
  bill: string,
  { end = "done", delivered = [["w1", 100]] }: { end?: string; delivered?: readonly Attempt[] } = {},
): Promise<string> {
  const job = randomUUID();
  await ctx.pg.query(
    `insert into jobs (id, key, owner, model, request, state, deadline_at, finished_at, bill)
     values ($1, $2, 'person:x', 'm', '{}', 'done', now(), now(), $3)`,
    [job, `test:${job}`, bill],
  );
  for (const [at, [worker, tokens, { timed, isFalse = false, members } = {}]] of delivered.entries())
    await ctx.pg.query(
      `insert into attempts (job_id, fence, worker_id, ended_at, "end", tokens, is_false, took_ms, level_ms, members)
       values ($1, $2, $3, now(), $4, $5, $6, $7, $8, $9)`,
      [job, at + 1, worker, end, tokens, isFalse, timed?.tookMs, timed?.levelMs, members && JSON.stringify(members)],
    );
  const answerTokens = delivered.reduce((sum, [, tokens]) => sum + tokens, 0);
  const counts = { promptTokens: 1_000, cachedTokens: 0, answerTokens, estimated: false, elapsedMs: 5 };
  await moneyTransaction(ctx.pg, (open) => chargeJob(ctx, open, { job, bill, end, ...counts }));
  return job;
}
