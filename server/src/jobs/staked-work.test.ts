/** Paid jobs go to machines with a stake, unpaid ones to anybody but the asker's own. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { Chain } from "../chain/chain.ts";
import type { Database } from "../db/executor.ts";
import { workerBindings } from "../db/schema.ts";
import { PROBATION_JOBS_MAX } from "../pool/owner-book.ts";
import { bindWorker } from "../testing/bind-worker.ts";
import { jobInput, openPoolStack, plumbingModel, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { newKeys } from "../testing/scripted-worker.ts";
import { Words } from "../testing/words.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

const [ann, bob] = [randomUUID(), randomUUID()];
const askedBy = (person: string) => ({ owner: `person:${person}` });

/** A pool on a server that has a chain: only that it has one is looked at here. */
async function openMarket(): Promise<PoolStack> {
  const stack = await openPoolStack(vocabularies);
  stack.ctx.ton.open({} as Chain);
  return stack;
}

/** A machine of this person with this stake behind it. */
async function machine(stack: PoolStack, name: string, { person, stake }: { person: string; stake: bigint }) {
  const keys = newKeys();
  await bindWorker(stack.ctx.db, { worker: keys.key, person, stake });
  return stack.worker(name, { slots: 4 }, keys);
}

describe("a paid job", () => {
  test("goes to a machine with a stake, and never to one without", async () => {
    await using stack = await openMarket();
    const idle = await stack.worker("nobody's", { slots: 4 });
    const poor = await machine(stack, "poor", { person: ann, stake: STAKE_MIN - 1n });
    const staked = await machine(stack, "staked", { person: bob, stake: STAKE_MIN });
    for (let asked = 0; asked < 3; asked++) {
      const handle = await submitJob(stack.ctx, jobInput({ isPaid: true }));
      words.answer(staked, await staked.lease());
      expect((await handle.result()).worker).toBe("staked");
    }
    for (const worker of [idle, poor]) expect(worker.frames.filter(({ type }) => type === "lease")).toEqual([]);
  });

  test("is refused in a sentence where no machine has a stake, and an unpaid one is not", async () => {
    await using stack = await openMarket();
    const unstaked = await stack.worker("unstaked");
    await expect(submitJob(stack.ctx, jobInput({ isPaid: true }))).rejects.toMatchObject({
      code: "no_worker",
      message: expect.stringContaining("No machine that gets paid work serves") as string,
    });
    const handle = await submitJob(stack.ctx, jobInput());
    words.answer(unstaked, await unstaked.lease());
    expect((await handle.result()).worker).toBe("unstaked");
  });

  test("may go to a machine as soon as its stake is seen, and not any more once it is gone", async () => {
    await using stack = await openMarket();
    const { db, registry } = stack.ctx;
    const worker = await stack.worker("w");
    const see = async (stake: bigint) => {
      await bindWorker(db, { worker: worker.keys.key, person: ann, stake });
      await registry.owners.read(stack.ctx, [worker.keys.key]);
    };
    await see(STAKE_MIN);
    const handle = await submitJob(stack.ctx, jobInput({ isPaid: true }));
    words.answer(worker, await worker.lease());
    await handle.result();
    await see(0n);
    await expect(submitJob(stack.ctx, jobInput({ isPaid: true }))).rejects.toMatchObject({ code: "no_worker" });
  });

  test("goes to anybody on a server without a chain", async () => {
    await using stack = await openPoolStack(vocabularies);
    const worker = await stack.worker("w");
    const handle = await submitJob(stack.ctx, jobInput({ isPaid: true }));
    words.answer(worker, await worker.lease());
    expect((await handle.result()).worker).toBe("w");
  });
});

describe("an unpaid job", () => {
  test("never goes to a machine of whoever asks, and does where they pay", async () => {
    await using stack = await openMarket();
    const own = await machine(stack, "own", { person: ann, stake: STAKE_MIN });
    const other = await machine(stack, "other", { person: bob, stake: 0n });
    for (let asked = 0; asked < 3; asked++) {
      const handle = await submitJob(stack.ctx, jobInput(askedBy(ann)));
      words.answer(other, await other.lease());
      expect((await handle.result()).worker).toBe("other");
    }
    const paid = await submitJob(stack.ctx, jobInput({ ...askedBy(ann), isPaid: true }));
    words.answer(own, await own.lease());
    expect((await paid.result()).worker).toBe("own");
  });

  test("is refused in a sentence where only the asker's own machines could do it, also with a key of theirs", async () => {
    await using stack = await openMarket();
    await machine(stack, "own", { person: ann, stake: 2n * STAKE_MIN });
    const refusal = { code: "no_worker", message: expect.stringContaining("Only your own machines") as string };
    await expect(submitJob(stack.ctx, jobInput(askedBy(ann)))).rejects.toMatchObject(refusal);
    const byKey = jobInput({ owner: "key:1", person: ann });
    await expect(submitJob(stack.ctx, byKey)).rejects.toMatchObject(refusal);
  });
});

describe("a thousand new identities of one machine", () => {
  test("get no paid job on one stake, which is divided among them", async () => {
    await using stack = await openMarket();
    const { db, registry } = stack.ctx;
    const keys = await bindThousand(db, 10n * STAKE_MIN);
    await registry.owners.read(stack.ctx, keys);
    const young = { freshUntil: Infinity };
    expect(keys.filter((key) => registry.owners.standingOf(key, young, 0).weight > 0)).toEqual([]);
  });

  test("are together drawn no more often than one with all of the stake", async () => {
    await using stack = await openMarket();
    const { db, registry } = stack.ctx;
    const split = await bindThousand(db, 2_000n * STAKE_MIN);
    const whole = newKeys().key;
    await bindWorker(db, { worker: whole, person: bob, stake: 2_000n * STAKE_MIN });
    await registry.owners.read(stack.ctx, [...split, whole]);
    const weightOf = (key: string) => registry.owners.standingOf(key, { freshUntil: 0 }, 0).weight;
    expect(weightOf(whole)).toBe(10);
    expect(split.reduce((sum, key) => sum + weightOf(key), 0)).toBeCloseTo(10, 9);
  });

  test("are counted on while they are nobody's for a moment", async () => {
    await using stack = await openMarket();
    const { ctx } = stack;
    await fill(stack);
    await ctx.pg.query("update worker_bindings set person = null");
    await ctx.registry.owners.read(ctx, [newKeys().key]);
    ctx.registry.owners.keep(new Set(), 0);
    const [key] = await bindThousand(ctx.db, 1_000n * STAKE_MIN);
    await ctx.registry.owners.read(ctx, [key!]);
    expect(ctx.registry.owners.standingOf(key!, { freshUntil: Infinity }, 0).unpaid).toBe("day_cap");
  });

  test("come last once they had their share, and work where there is nobody else", async () => {
    await using stack = await openMarket();
    const young = await machine(stack, "young", { person: ann, stake: 10n * STAKE_MIN });
    const { owners } = stack.ctx.registry;
    for (let given = 0; given < PROBATION_JOBS_MAX; given++)
      owners.gavePaid(young.keys.key, { freshUntil: Infinity }, 0);
    const handle = await submitJob(stack.ctx, jobInput({ isPaid: true }));
    words.answer(young, await young.lease());
    expect((await handle.result()).worker).toBe("young");
    const [view] = stack.ctx.registry.views();
    expect(view).toMatchObject({ proven: false, weight: 0.01 });
  });

  test("with a stake behind each get in their first day as many paid jobs as one, also after a restart", async () => {
    await using stack = await openMarket();
    const given = await fill(stack);
    expect(given).toBe(PROBATION_JOBS_MAX);
    await stack.ctx.pg.query(`
      insert into workers (id, name, version) select worker, 'w', '' from worker_bindings on conflict do nothing;
      insert into jobs (key, owner, model, request, deadline_at)
        select 'probation:' || n, 'key:x', '${plumbingModel().id}', '{"isPaid": true}', now() from generate_series(1, ${PROBATION_JOBS_MAX}) n;
      update jobs set state = 'done', finished_at = now() where key like 'probation:%';
      insert into attempts (job_id, fence, worker_id)
        select id, 1, (select min(worker) from worker_bindings) from jobs where key like 'probation:%'`);
    await stack.restart("stopped");
    stack.ctx.ton.open({} as Chain);
    expect(await fill(stack)).toBe(0);
  });
});

/** A thousand keys of Ann's, who has this stake. */
async function bindThousand(db: Database, stake: bigint): Promise<string[]> {
  const keys = Array.from({ length: 1_000 }, () => newKeys().key);
  await bindWorker(db, { worker: keys[0]!, person: ann, stake });
  await db.insert(workerBindings).values(keys.slice(1).map((worker) => ({ worker, person: ann })));
  return keys;
}

/** Gives paid jobs to Ann's thousand keys as long as one of them may have them. */
async function fill({ ctx }: PoolStack): Promise<number> {
  const { owners } = ctx.registry;
  const bound = await ctx.db.select({ worker: workerBindings.worker }).from(workerBindings);
  const keys = bound.length > 0 ? bound.map(({ worker }) => worker) : await bindThousand(ctx.db, 1_000n * STAKE_MIN);
  await owners.read(ctx, keys);
  const young = { freshUntil: Infinity };
  let given = 0;
  for (const key of keys)
    for (; owners.standingOf(key, young, 0).unpaid === null; given++) owners.gavePaid(key, young, 0);
  return given;
}
