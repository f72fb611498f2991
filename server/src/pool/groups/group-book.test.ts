/** Groups over real sockets: how they come up, what ends them, and what a machine cannot do to them. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workers } from "../../db/schema.ts";
import { submitJob } from "../../jobs/submit-job.ts";
import { jobInput, plumbingModel, testVocabularies } from "../../testing/pool-stack.ts";
import { machineFacts } from "../machine-facts.ts";
import type { ScriptedWorker } from "../../testing/scripted-worker.ts";
import { HALF_BYTES, SPLIT_MODEL, SplitPool, say, servedBy } from "../../testing/split-pool.ts";
import { Words, heard, read } from "../../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

const MINUTE = 60_000;
const GREETING = { turns: [{ role: "user" as const, content: "Hello" }] };
const ready = { kind: "ready", direct: null } as const;
const ended = (reason: string, lost: number[] = []) => ({ kind: "ended", reason, lost }) as const;
const isFramed = (machine: ScriptedWorker, type: string) => machine.frames.some((frame) => frame.type === type);
const later = (ms: number) => performance.now() + ms;
/** Everything that the pool sent before has arrived when this has. */
async function settled(machine: ScriptedWorker): Promise<void> {
  machine.send({ type: "pair" });
  await machine.frame("dropped");
}

describe("a group comes up", () => {
  test("its nodes first, then its head, and answers as one worker", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    pool.groups.look();
    const nodes = await node.frame("group");
    expect(nodes).toMatchObject({ model: SPLIT_MODEL.id, sha256: SPLIT_MODEL.sha256, kvType: "f16", slots: 1 });
    expect(nodes.part).toMatchObject({ kind: "node", place: 0, head: { worker: head.keys.key, name: "head" } });
    await settled(head);
    expect(isFramed(head, "group")).toBe(false);
    const direct = { addresses: ["192.168.0.7"], port: 4_000 };
    say(node, nodes, { kind: "ready", direct });
    const heads = await head.frame("group");
    expect(heads.group).toBe(nodes.group);
    if (heads.part.kind !== "head" || nodes.part.kind !== "node") throw new Error("other parts than were asked for");
    const { firstLayer, layers, secret } = nodes.part;
    expect(heads.part).toEqual({
      kind: "head",
      layers: firstLayer,
      nodes: [{ worker: node.keys.key, name: "node", layers, secret, direct }],
    });
    expect(firstLayer + layers).toBe(SPLIT_MODEL.shape!.layers);
    await expect(submitJob(pool.ctx, jobInput())).rejects.toMatchObject({ code: "no_worker" });
    say(head, heads, { kind: "up", served: servedBy(heads) });
    await expect.poll(() => pool.ctx.registry.serves(SPLIT_MODEL.id)).toBe(true);
    const handle = await submitJob(pool.ctx, jobInput());
    words.answer(head, await head.lease());
    expect((await handle.result()).worker).toBe("head");
  });

  test("and everybody sees who holds which layers, how far it is, and how fast it is once it answered", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    const seen = () => pool.ctx.registry.status().groups;
    expect(seen()).toEqual([]);
    pool.groups.look();
    const part = await node.frame("group");
    say(node, part, { kind: "preparing", done: 0.5, words: "fetching" });
    await settled(node);
    expect(pool.groups.statuses()).toMatchObject([
      { isUp: false, done: 0.25, decodeTokensPerS: null, limitedBy: null },
    ]);
    say(node, part, ready);
    const heads = await head.frame("group");
    say(head, heads, { kind: "up", served: servedBy(heads) });
    await expect.poll(() => seen()[0]?.isUp).toBe(true);
    const { layers } = heads.part;
    expect(seen()).toEqual([
      {
        model: SPLIT_MODEL.id,
        name: SPLIT_MODEL.name,
        isUp: true,
        done: 1,
        members: [
          { name: "head", firstLayer: 0, layers, isPreparing: false },
          { name: "node", firstLayer: layers, layers: SPLIT_MODEL.shape!.layers - layers, isPreparing: false },
        ],
        decodeTokensPerS: null,
        limitedBy: null,
      },
    ]);
    const handle = await submitJob(pool.ctx, jobInput());
    const lease = await head.lease();
    for (let word = 0; word < 12; word++) {
      words.speak(head, lease, word, word + 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    head.done(lease);
    await handle.result();
    expect(pool.groups.statuses()).toMatchObject([
      { decodeTokensPerS: expect.any(Number) as number, limitedBy: "machines" },
    ]);
  });

  test("with each machine's share of the work, by which it is paid", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    const { part } = await pool.up(head, [node]);
    const { layers: all, layerBytes, outputBytes } = SPLIT_MODEL.shape!;
    const { layers } = part.part;
    const ofLayers = (count: number) => Math.round((layerBytes * count) / all);
    expect(pool.ctx.registry.membersOf(head.keys.key, SPLIT_MODEL.id)).toEqual([
      { worker: head.keys.key, name: "head", layers, work: ofLayers(layers) + outputBytes },
      { worker: node.keys.key, name: "node", layers: all - layers, work: ofLayers(all - layers) },
    ]);
    expect(pool.ctx.registry.membersOf(node.keys.key, SPLIT_MODEL.id)).toBeNull();
    const modelsOf = async ({ keys }: ScriptedWorker) =>
      (await machineFacts(pool.ctx, [keys.key])).get(keys.key)!.models;
    for (const machine of [head, node]) expect(await modelsOf(machine)).toEqual([SPLIT_MODEL.id]);
    await head.leave();
    await node.frame("ungroup");
    expect(await modelsOf(node)).toEqual([]);
  });

  test("not where a machine serves the model alone, nor with a machine that lends nothing", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    const whole = await pool.stack.worker("whole");
    pool.groups.look();
    await settled(node);
    expect(isFramed(node, "group")).toBe(false);
    await whole.leave();
    await expect.poll(() => pool.ctx.registry.serves(SPLIT_MODEL.id)).toBe(false);
    await node.leave();
    await expect.poll(() => pool.ctx.registry.size).toBe(1);
    await pool.stack.worker("small", { id: "no-such-model" });
    pool.groups.look();
    await settled(head);
    expect(pool.groups.statuses()).toEqual([]);
  });

  test("in one group a machine at a time: the second owner waits until the first has gone", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const stake = 100_000_000_000n;
    const node = await pool.lend("node", { serves: "pool" });
    const ann = await pool.head("ann's", { person: randomUUID(), stake });
    await pool.up(ann, [node]);
    const bob = await pool.head("bob's", { person: randomUUID(), stake });
    pool.groups.look();
    await settled(bob);
    expect(pool.groups.statuses()).toHaveLength(1);
    await ann.leave();
    expect((await node.frame("ungroup")).reason).toBe("ann's has left the pool");
    await pool.up(bob, [node]);
    expect(pool.groups.statuses()).toMatchObject([{ members: [{ name: "bob's" }, { name: "node" }] }]);
  });

  test("with a stranger's machine only where both serve the pool and the head has enough at stake", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const { groupStake } = pool.ctx.config;
    const head = await pool.head("head", { stake: groupStake - 1n });
    const node = await pool.lend("node", { person: randomUUID(), serves: "pool" });
    const own = await pool.lend("own", { person: randomUUID() });
    const closed = await pool.head("closed", { person: randomUUID(), stake: groupStake, serves: "own" });
    pool.groups.look();
    expect(pool.groups.statuses()).toEqual([]);
    await Promise.all([head.leave(), closed.leave()]);
    const staked = await pool.head("staked", { person: randomUUID(), stake: groupStake });
    await pool.up(staked, [node]);
    await settled(own);
    expect(isFramed(own, "group")).toBe(false);
  });
});

describe("a group is over", () => {
  test("with a node that is killed: its answer goes on after re-forming, and the node answers for it", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const head = await pool.head("head");
    const [first, second] = [await pool.lend("first"), await pool.lend("second", { memoryBytes: HALF_BYTES - 1 })];
    await pool.up(head, [first]);
    const handle = await submitJob(pool.ctx, jobInput(GREETING));
    const lease = await head.lease();
    words.speak(head, lease, 0, 5);
    await heard(handle, words.text(0, 5));
    first.kill();
    expect((await head.frame("ungroup")).reason).toBe("first lost its connection to the pool");
    expect(await head.frame("cancel")).toMatchObject({ job: lease.job, fence: lease.fence });
    expect(pool.ctx.registry.serves(SPLIT_MODEL.id)).toBe(false);
    await pool.up(head, [second]);
    const again = await head.lease();
    expect(again.committed.text).toBe(words.text(0, 5));
    words.speak(head, again, 5, 8);
    head.done(again);
    const whole = await read(handle);
    expect(whole.text).toBe(words.text(0, 8));
    expect(whole.events.filter(({ kind }) => kind === "done")).toHaveLength(1);
    const failures = async ({ keys }: ScriptedWorker) => {
      const [row] = await pool.ctx.db.select().from(workers).where(eq(workers.id, keys.key));
      return { failed: row?.failed, inRow: row?.failedInRow };
    };
    await expect.poll(() => failures(first)).toEqual({ failed: 1, inRow: 1 });
    expect(await failures(head)).toEqual({ failed: 0, inRow: 0 });
  });

  test("with a node that left when nothing was being answered, which counts against nobody", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    await pool.up(head, [node]);
    await node.leave();
    expect((await head.frame("ungroup")).reason).toBe("node has left the pool");
    expect(pool.ctx.registry.recordOf(node.keys.key, {} as never).failed).toBe(0);
    expect(pool.ctx.registry.recordOf(head.keys.key, {} as never).failed).toBe(0);
  });

  test("with its head, whose answers it lost", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    await pool.up(head, [node]);
    await submitJob(pool.ctx, jobInput());
    await head.lease();
    head.kill();
    expect((await node.frame("ungroup")).reason).toBe("head lost its connection to the pool");
    expect(pool.ctx.registry.recordOf(head.keys.key, {} as never).failed).toBe(1);
    expect(pool.ctx.registry.recordOf(node.keys.key, {} as never).failed).toBe(0);
  });

  test("when a node ends its part itself, with its words, and is formed anew without it", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const head = await pool.head("head");
    const [first, second] = [await pool.lend("first"), await pool.lend("second", { memoryBytes: HALF_BYTES - 1 })];
    const { part } = await pool.up(head, [first]);
    say(first, part, ended("its owner rests\u0007."));
    expect((await head.frame("ungroup")).reason).toBe("first has ended its part: its owner rests.");
    await settled(first);
    expect(isFramed(first, "ungroup")).toBe(false);
    await pool.up(head, [second]);
    expect(isFramed(first, "group")).toBe(false);
  });

  test("when a node says at once that its last part has not ended: it is asked again at the next look", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const { registry } = pool.ctx;
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    await pool.up(head, [node]);
    registry.drain(registry.get(head.keys.key)!, true);
    pool.groups.look();
    registry.drain(registry.get(head.keys.key)!, false);
    pool.groups.look();
    await node.frame("ungroup");
    say(node, await node.frame("group"), ended("this machine has a part of another group"));
    await settled(node);
    const { part } = await pool.up(head, [node]);
    expect(pool.groups.statuses()).toMatchObject([{ isUp: true }]);
    // What it says of the part that it had taken is another matter.
    say(node, part, ended("out of memory"));
    await settled(node);
    pool.groups.look();
    expect(pool.groups.statuses()).toEqual([]);
  });

  test("when a machine is drained, unpaired or given to another, and nobody is barred for it", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const { registry } = pool.ctx;
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    await pool.up(head, [node]);
    registry.drain(registry.get(node.keys.key)!, true);
    pool.groups.look();
    expect((await head.frame("ungroup")).reason).toBe("node was taken out of work by the operator");
    expect((await node.frame("ungroup")).reason).toBe("node was taken out of work by the operator");
    registry.drain(registry.get(node.keys.key)!, false);
    await pool.up(head, [node]);
    node.notes = { coin: 0, stars: 0 };
    await pool.stack.ctx.pg.query("update worker_bindings set person = gen_random_uuid() where worker = $1", [
      node.keys.key,
    ]);
    await registry.owners.read(pool.ctx, [node.keys.key]);
    pool.groups.look();
    expect((await head.frame("ungroup")).reason).toBe("node has another owner now");
  });

  test("when the head's stake is gone and it uses a stranger's machine", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const head = await pool.head("head", { stake: pool.ctx.config.groupStake });
    const node = await pool.lend("node", { person: randomUUID(), serves: "pool" });
    await pool.up(head, [node]);
    pool.groups.look();
    expect(pool.groups.statuses()).toHaveLength(1);
    await pool.ctx.pg.query("update contributor_stakes set stake = stake - 1");
    await pool.ctx.registry.owners.read(pool.ctx, [head.keys.key, node.keys.key]);
    pool.groups.look();
    expect((await node.frame("ungroup")).reason).toContain("no longer lets it use other people's machines");
  });

  test("when a node is silent for a minute while it prepares, and that node is barred for another", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [, node] = [await pool.head("head"), await pool.lend("node")];
    pool.groups.look();
    await node.frame("group");
    pool.groups.look(later(MINUTE - 1_000));
    expect(pool.groups.statuses()).toHaveLength(1);
    pool.groups.look(later(MINUTE + 1_000));
    expect((await node.frame("ungroup")).reason).toBe("node did not get ready in time");
    pool.groups.look(later(2 * MINUTE));
    expect(pool.groups.statuses()).toEqual([]);
    pool.groups.look(later(2 * MINUTE + 2_000));
    await node.frame("group");
    expect(pool.groups.statuses()).toHaveLength(1);
  });

  test("when a node still prepares after half an hour, however it goes on", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [, node] = [await pool.head("head"), await pool.lend("node")];
    pool.groups.look(later(2_000 - 30 * MINUTE));
    say(node, await node.frame("group"), { kind: "preparing", done: 0.9, words: "fetching" });
    await settled(node);
    pool.groups.look();
    expect(pool.groups.statuses()).toHaveLength(1);
    pool.groups.look(later(3_000));
    expect((await node.frame("ungroup")).reason).toBe("node did not get ready in time");
  });

  test("when its head does not load in five minutes", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    pool.groups.look();
    say(node, await node.frame("group"), ready);
    await head.frame("group");
    pool.groups.look(later(4 * MINUTE));
    expect(pool.groups.statuses()).toHaveLength(1);
    pool.groups.look(later(6 * MINUTE));
    expect((await node.frame("ungroup")).reason).toBe("head did not get ready in time");
  });
});

describe("a head that names a node", () => {
  test("is not believed: the node is barred from it alone, and nobody answers for the lost lease", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const stake = 100_000_000_000n;
    const liar = await pool.head("liar", { person: randomUUID(), stake, memoryBytes: HALF_BYTES + 1 });
    const node = await pool.lend("node", { serves: "pool" });
    const { part } = await pool.up(liar, [node]);
    await submitJob(pool.ctx, jobInput());
    await liar.lease();
    say(liar, part, ended("the node fell silent", [0, 2]));
    expect((await node.frame("ungroup")).reason).toBe("liar has ended its part: the node fell silent. It names node.");
    pool.groups.look();
    pool.groups.look(later(9_000));
    expect(pool.groups.statuses()).toEqual([]);
    for (const { keys } of [liar, node]) expect(pool.ctx.registry.recordOf(keys.key, {} as never).failed).toBe(0);
    await liar.leave();
    const honest = await pool.head("honest", { person: randomUUID(), stake });
    await pool.up(honest, [node]);
  });

  test("is right where the pool sees the node go: the node answers for what was lost", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head", { serves: "own" }), await pool.lend("node")];
    const { part } = await pool.up(head, [node]);
    await submitJob(pool.ctx, jobInput());
    await head.lease();
    say(head, part, ended("no token came", [0]));
    await node.frame("ungroup");
    node.kill();
    await expect.poll(() => pool.ctx.registry.recordOf(node.keys.key, {} as never).failed).toBe(1);
    pool.groups.look(later(9_000));
    expect(pool.ctx.registry.recordOf(head.keys.key, {} as never).failed).toBe(0);
    // What the pool saw itself bars the node from everybody's groups.
    const stake = pool.ctx.config.groupStake;
    await pool.lend("node", { keys: node.keys, serves: "pool" });
    await pool.head("another", { person: randomUUID(), stake });
    pool.groups.look();
    expect(pool.groups.statuses()).toEqual([]);
    pool.groups.look(later(61_000));
    expect(pool.groups.statuses()).toHaveLength(1);
  });

  test("or none answers for its own lost leases, one failure for all of them", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const head = await pool.head("head", { memoryBytes: 4e9 });
    const node = await pool.lend("node", { memoryBytes: 4e9 });
    const { part } = await pool.up(head, [node]);
    for (let asked = 0; asked < 2; asked++) {
      await submitJob(pool.ctx, jobInput());
      const { job, fence } = await head.lease();
      head.send({ type: "fail", job, fence, code: "engine_crashed", message: "its server has ended" });
    }
    say(head, part, ended("its server has ended"));
    await node.frame("ungroup");
    expect(pool.ctx.registry.recordOf(head.keys.key, {} as never)).toMatchObject({ failed: 1, failedInRow: 1 });
    expect(pool.ctx.registry.recordOf(node.keys.key, {} as never).failed).toBe(0);
    pool.groups.look();
    expect(pool.groups.statuses()).toEqual([]);
  });

  test("that lost leases and goes on is to blame for them after a while", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    await pool.up(head, [node]);
    await submitJob(pool.ctx, jobInput());
    const { job, fence } = await head.lease();
    head.send({ type: "fail", job, fence, code: "engine_stalled", message: "no token came" });
    await settled(head);
    pool.groups.look();
    expect(pool.ctx.registry.recordOf(head.keys.key, {} as never).failed).toBe(0);
    pool.groups.look(later(9_000));
    expect(pool.ctx.registry.recordOf(head.keys.key, {} as never).failed).toBe(1);
  });

  test("answers at once for frames that cannot be true", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    await pool.up(head, [node]);
    await submitJob(pool.ctx, jobInput());
    const { job, fence } = await head.lease();
    head.send({ type: "tokens", job, fence, seq: 7, tokens: [5], text: "x" });
    await expect.poll(() => pool.ctx.registry.recordOf(head.keys.key, {} as never).failed).toBe(1);
  });

  test("of its owner while it loads has its word about memory: the node is believed half until it joins again", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const head = await pool.head("head");
    const node = await pool.lend("node", { memoryBytes: 4e9 });
    pool.groups.look();
    say(node, await node.frame("group"), ready);
    const part = await head.frame("group");
    say(head, part, ended("the node refused the allocation", [0]));
    await node.frame("ungroup");
    pool.groups.look(later(2 * MINUTE));
    const again = await node.frame("group");
    expect(again.slots).toBeLessThanOrEqual(part.slots);
    const layersOf = (frame: typeof again) => frame.part.layers;
    expect(layersOf(again)).toBeLessThanOrEqual(SPLIT_MODEL.shape!.layers - part.part.layers);
  });
});

describe("a machine cannot", () => {
  test("speak of a group that it is not in, that does not exist, or that is over", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    const stranger = await pool.lend("stranger", { memoryBytes: 0 });
    const { part } = await pool.up(head, [node]);
    for (const group of [part.group, randomUUID()]) {
      say(stranger, { group }, ended("mine now", [0, 1, 2]));
      expect((await stranger.frame("dropped")).reason).toContain("no part in that group");
    }
    say(node, { group: randomUUID() }, ended("another"));
    expect((await node.frame("dropped")).reason).toContain("no part in that group");
    expect(pool.groups.statuses()).toMatchObject([{ isUp: true }]);
    await head.leave();
    await node.frame("ungroup");
    say(node, part, ready);
    expect((await node.frame("dropped")).reason).toContain("it is over");
  });

  test("say that it is up before its nodes are ready, be ready twice, or take the head's word", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    pool.groups.look();
    const part = await node.frame("group");
    const up = { kind: "up", served: servedBy(part) } as const;
    say(head, part, up);
    expect((await head.frame("dropped")).reason).toContain("before this machine was given its part");
    say(node, part, up);
    expect((await node.frame("dropped")).reason).toBe("only a group's head says that it is up");
    say(node, part, ready);
    await head.frame("group");
    for (const stage of [ready, { kind: "preparing", done: 0.1, words: "" } as const]) {
      say(node, part, stage);
      expect((await node.frame("dropped")).reason).toContain("after this machine had said that it is ready");
    }
    say(head, part, ready);
    expect((await head.frame("dropped")).reason).toContain("and not ready");
    say(head, part, up);
    await expect.poll(() => pool.ctx.registry.serves(SPLIT_MODEL.id)).toBe(true);
    say(head, part, up);
    expect((await head.frame("dropped")).reason).toContain("after this machine had said");
    expect(pool.ctx.registry.get(head.keys.key)!.facts.models).toHaveLength(1);
  });

  test.each([
    ["another file", { sha256: "0".repeat(64) }, "another file"],
    ["another model", { id: "other" }, "another file"],
    ["more context", { contextTokens: 1_000_000 }, "more context"],
    ["more slots", { slots: 256 }, "more slots"],
    ["another cache", { kvType: "q4_0" as const }, "another type of cache"],
  ])("head a group that serves %s", async (_, over, words) => {
    await using pool = await SplitPool.open(vocabularies);
    const [head, node] = [await pool.head("head"), await pool.lend("node")];
    pool.groups.look();
    say(node, await node.frame("group"), ready);
    const part = await head.frame("group");
    say(head, part, { kind: "up", served: servedBy(part, over) });
    for (const machine of [head, node]) expect((await machine.frame("ungroup")).reason).toContain(words);
    expect(pool.ctx.registry.get(head.keys.key)!.facts.models).toEqual([]);
    pool.groups.look();
    expect(pool.groups.statuses()).toEqual([]);
  });

  test("keep its connection with frames that are none of these", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const node = await pool.lend("node");
    node.sendRaw(
      JSON.stringify({ type: "group", group: randomUUID(), stage: { kind: "ready", direct: null, more: 1 } }),
    );
    expect(await node.closing()).toMatchObject({ code: 1002 });
  });

  test("keep others waiting with progress that does not rise", async () => {
    await using pool = await SplitPool.open(vocabularies);
    const [, node] = [await pool.head("head"), await pool.lend("node")];
    pool.groups.look();
    const part = await node.frame("group");
    for (const done of [0, 0, 0]) say(node, part, { kind: "preparing", done, words: "soon" });
    await settled(node);
    pool.groups.look(later(MINUTE + 1_000));
    expect((await node.frame("ungroup")).reason).toBe("node did not get ready in time");
  });
});

test("what machines lend to other people's heads is told while no group uses it, and not whose they are", async () => {
  await using pool = await SplitPool.open(vocabularies);
  const node = await pool.lend("node", { serves: "pool", person: randomUUID() });
  await pool.lend("own");
  pool.groups.look();
  const { memoryBytes, build } = node.split!;
  expect(pool.groups.lent).toEqual([{ build, memoryBytes: [Math.floor(memoryBytes / 1e8) * 1e8] }]);
  node.kill();
  const lent = () => {
    pool.groups.look();
    return pool.groups.lent;
  };
  await expect.poll(lent).toEqual([]);
});

test("a machine that serves the model alone keeps what it serves when it lends to groups", async () => {
  await using pool = await SplitPool.open(vocabularies);
  const [head, node] = [await pool.head("head"), await pool.lend("node")];
  await pool.up(head, [node]);
  const whole = await pool.stack.worker("whole");
  pool.groups.look();
  expect(pool.ctx.registry.statusOf(SPLIT_MODEL.id)).toMatchObject({ workers: 2 });
  await node.leave();
  await head.frame("ungroup");
  expect(pool.ctx.registry.get(whole.keys.key)!.facts.models).toEqual([plumbingModel()]);
  expect(pool.ctx.registry.statusOf(SPLIT_MODEL.id)).toMatchObject({ workers: 1 });
});
