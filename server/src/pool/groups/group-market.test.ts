/** What a group is given to do: what all of its machines may have. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { Chain } from "../../chain/chain.ts";
import { submitJob } from "../../jobs/submit-job.ts";
import { jobInput, testVocabularies } from "../../testing/pool-stack.ts";
import { SPLIT_MODEL, SplitPool } from "../../testing/split-pool.ts";
import type { Lends } from "../../testing/split-pool.ts";
import { Words } from "../../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** A group of a staked head and a stranger's node, on a server where machines can be staked. */
async function openGroup(node: Lends) {
  const pool = await SplitPool.open(vocabularies);
  pool.ctx.ton.open({} as Chain);
  const head = await pool.head("head", { stake: pool.ctx.config.groupStake });
  await pool.up(head, [await pool.lend("node", { serves: "pool", ...node })]);
  return { pool, head };
}

const only = (words: string) => ({ code: "no_worker", message: expect.stringContaining(words) as string });

test("a paid job goes to a group whose machines all have a stake", async () => {
  const { pool, head } = await openGroup({ person: randomUUID(), stake: STAKE_MIN });
  await using _ = pool;
  const view = pool.ctx.registry.viewOf(pool.ctx.registry.get(head.keys.key)!);
  expect(view).toMatchObject({ weight: 1 });
  const handle = await submitJob(pool.ctx, jobInput({ isPaid: true }));
  words.answer(head, await head.lease());
  expect((await handle.result()).worker).toBe("head");
});

test("a paid job does not go to a group with one machine that has none, and an unpaid one does", async () => {
  const { pool, head } = await openGroup({ person: randomUUID(), stake: STAKE_MIN - 1n });
  await using _ = pool;
  await expect(submitJob(pool.ctx, jobInput({ isPaid: true }))).rejects.toMatchObject(only("gets paid work"));
  const handle = await submitJob(pool.ctx, jobInput());
  words.answer(head, await head.lease());
  expect((await handle.result()).worker).toBe("head");
});

test("no machine of a group works unpaid for its owner, be it the head's or a node's", async () => {
  const nodes = randomUUID();
  const { pool, head } = await openGroup({ person: nodes, stake: STAKE_MIN });
  await using _ = pool;
  for (const person of [nodes, pool.owner])
    await expect(submitJob(pool.ctx, jobInput({ owner: `person:${person}` }))).rejects.toMatchObject(
      only("own machines"),
    );
  const handle = await submitJob(pool.ctx, jobInput({ owner: `person:${randomUUID()}` }));
  words.answer(head, await head.lease());
  expect((await handle.result()).worker).toBe("head");
});

test("a head alone has its own weight again when its group is over", async () => {
  const { pool, head } = await openGroup({ person: randomUUID(), stake: 0n });
  await using _ = pool;
  const weight = () => pool.ctx.registry.viewOf(pool.ctx.registry.get(head.keys.key)!).weight;
  expect(weight()).toBe(0);
  pool.ctx.registry.drain(pool.ctx.registry.get(head.keys.key)!, true);
  pool.groups.look();
  expect(weight()).toBe(10);
  expect(pool.ctx.registry.serves(SPLIT_MODEL.id)).toBe(false);
});
