/** What is kept of a lease whose model several machines serve: who they are, whose hour it was, and whose paid job. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asc, eq } from "drizzle-orm";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { Chain } from "../chain/chain.ts";
import type { GroupMember } from "../db/group-member.ts";
import { attempts, workerHours, workers } from "../db/schema.ts";
import { presenceSince } from "../earnings/presence.ts";
import { PROBATION_JOBS_MAX } from "../pool/owner-book.ts";
import { HourRecorder } from "../pool/record-hours.ts";
import { bindWorker } from "../testing/bind-worker.ts";
import { jobInput, openPoolStack, plumbingModel, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { ScriptedWorker } from "../testing/scripted-worker.ts";
import { Words } from "../testing/words.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** A head that serves the plumbing model, and a machine that holds most of its layers and serves nothing itself. */
async function openGroup(stack: PoolStack) {
  const head = await stack.worker("head");
  const node = new ScriptedWorker("node", []);
  await node.join(stack.url);
  const members = membersOf(head, node);
  stack.ctx.registry.membersOf = (worker, model) =>
    worker === head.keys.key && model === plumbingModel().id ? members : null;
  return { head, node, members, [Symbol.dispose]: () => node.kill() };
}

function membersOf(head: ScriptedWorker, node: ScriptedWorker): GroupMember[] {
  return [
    { worker: head.keys.key, name: "head", layers: 10, work: 40_000_000 },
    { worker: node.keys.key, name: "node", layers: 20, work: 60_000_000 },
  ];
}

async function answerOne({ ctx }: PoolStack, worker: ScriptedWorker, over = {}): Promise<string> {
  const handle = await submitJob(ctx, jobInput(over));
  const lease = await worker.lease();
  words.speak(worker, lease, 0, 3);
  worker.done(lease);
  await handle.result();
  return handle.id;
}

describe("a lease of a group", () => {
  test("is stored with its machines in the order of their layers, and one of a whole machine without any", async () => {
    await using stack = await openPoolStack(vocabularies);
    using group = await openGroup(stack);
    const job = await answerOne(stack, group.head);
    stack.ctx.registry.membersOf = () => null;
    const alone = await answerOne(stack, group.head);
    const rows = async (id: string) => stack.ctx.db.select().from(attempts).where(eq(attempts.jobId, id));
    expect(await rows(job)).toMatchObject([{ workerId: group.head.keys.key, members: group.members, tokens: 3 }]);
    expect(await rows(alone)).toMatchObject([{ workerId: group.head.keys.key, members: null }]);
  });

  test("puts each of its machines on record with its own name and version", async () => {
    await using stack = await openPoolStack(vocabularies);
    using group = await openGroup(stack);
    await answerOne(stack, group.head);
    const rows = await stack.ctx.db.select().from(workers).orderBy(asc(workers.name));
    expect(rows).toMatchObject([
      { id: group.head.keys.key, name: "head", version: "test", completed: 1 },
      { id: group.node.keys.key, name: "node", version: "test", completed: 0 },
    ]);
  });

  test("counts as an hour's work of each, and its tokens for the head alone", async () => {
    await using stack = await openPoolStack(vocabularies);
    using group = await openGroup(stack);
    await answerOne(stack, group.head);
    const recorder = new HourRecorder(stack.ctx);
    recorder.look();
    await recorder.store();
    const rows = await stack.ctx.db.select().from(workerHours);
    const sum = ({ keys }: ScriptedWorker, what: "jobs" | "tokens") =>
      rows.filter(({ worker }) => worker === keys.key).reduce((all, row) => all + row[what], 0);
    expect([sum(group.head, "jobs"), sum(group.head, "tokens")]).toEqual([1, 3]);
    expect([sum(group.node, "jobs"), sum(group.node, "tokens")]).toEqual([1, 0]);
    const present = await presenceSince(stack.ctx.db, null, new Date(Date.now() + 3_600_000));
    expect([...present.keys()].toSorted()).toEqual([group.head.keys.key, group.node.keys.key].toSorted());
  });
});

describe("a paid job of a group", () => {
  const owner = randomUUID();

  test("is one of each young machine's in its first day, also after a restart", async () => {
    await using stack = await openPoolStack(vocabularies);
    stack.ctx.ton.open({} as Chain);
    using group = await openGroup(stack);
    const keys = [group.head.keys.key, group.node.keys.key];
    for (const worker of keys) await bindWorker(stack.ctx.db, { worker, person: owner, stake: 10n * STAKE_MIN });
    await stack.ctx.registry.owners.read(stack.ctx, keys);
    for (let asked = 0; asked < 3; asked++) await answerOne(stack, group.head, { isPaid: true });
    expect(roomOf(stack, keys)).toBe(PROBATION_JOBS_MAX - 6);
    await stack.restart("stopped");
    stack.ctx.ton.open({} as Chain);
    await stack.ctx.registry.owners.read(stack.ctx, keys);
    expect(roomOf(stack, keys)).toBe(PROBATION_JOBS_MAX - 6);
  });

  test("counts for a machine alone once", async () => {
    await using stack = await openPoolStack(vocabularies);
    stack.ctx.ton.open({} as Chain);
    using group = await openGroup(stack);
    stack.ctx.registry.membersOf = () => null;
    const keys = [group.head.keys.key];
    await bindWorker(stack.ctx.db, { worker: keys[0]!, person: owner, stake: 10n * STAKE_MIN });
    await stack.ctx.registry.owners.read(stack.ctx, keys);
    await answerOne(stack, group.head, { isPaid: true });
    expect(roomOf(stack, keys)).toBe(PROBATION_JOBS_MAX - 1);
  });
});

/** How many paid jobs these keys of one person may still have today; using them up. */
function roomOf({ ctx }: PoolStack, keys: readonly string[]): number {
  const { owners } = ctx.registry;
  const young = { freshUntil: Infinity };
  let given = 0;
  for (const key of keys)
    for (; owners.standingOf(key, young, 0).unpaid === null; given++) owners.gavePaid(key, young, 0);
  return given;
}
