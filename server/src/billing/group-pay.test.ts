/** Who is paid for answers of models that several machines served together, on real books. */
import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asc, eq } from "drizzle-orm";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { STAKE_MIN } from "@starai/protocol/contributor";
import { Receipt } from "@starai/protocol/receipts";
import { createContext } from "../create-context.ts";
import type { AppContext } from "../context.ts";
import type { GroupMember } from "../db/group-member.ts";
import { bills, creditNotes } from "../db/schema.ts";
import { faultsInNumbers } from "../receipts/check-receipt.ts";
import { bindWorker } from "../testing/bind-worker.ts";
import { endJob } from "../testing/bill-jobs.ts";
import { expectBooksRight } from "../testing/books.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { DONE, moveOf } from "../testing/ledger.ts";
import { fund, whole } from "../testing/money.ts";
import { silentConfig, silentLog } from "../testing/quiet.ts";
import { closeBillAlone } from "./close-bill.ts";
import { discardJob } from "./discard-job.ts";
import { firstEarnedEpochs } from "./held-pay.ts";
import { DEFAULT_SETTINGS } from "./money-settings.ts";
import { openBill } from "./open-bill.ts";

const SMALL = loadCatalogue().get("qwen2.5-coder-1.5b")!;
const STEP = { promptTokens: 1_000, answerTokensMax: 500 };
/** Nine tenths of what a job of 1,000 tokens of prompt and 100 of answer costs, in billionths of a Star. */
const SHARE = 1_453_845n;

let database: TestDatabase;
let ctx: AppContext;
let ann: string;
beforeEach(async () => {
  database = await createTestDatabase();
  ctx = contextWith({ answersPerDay: 0 });
  ann = randomUUID();
  await fund(ctx, ann, { stars: whole(50) });
});
afterEach(async () => {
  await expectBooksRight(database.pg);
  await ctx.ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function contextWith({ answersPerDay }: { answersPerDay: number }): AppContext {
  const money = { ...DEFAULT_SETTINGS, free: { ...DEFAULT_SETTINGS.free, answersPerDay } };
  return createContext({ config: silentConfig(), log: silentLog, db: database.db, pg: database.pg, money });
}

async function openedBill(kind: "answer" | "request" = "answer"): Promise<string> {
  const asked = { kind, person: ann, apiKey: null, inGroup: false, model: SMALL, askPercent: 100 };
  const { id } = await openBill(ctx, { id: randomUUID(), ...asked, steps: [STEP, STEP, STEP] });
  return id;
}

/** Of 28 layers; the head holds the output besides. */
const HEAD: GroupMember = { worker: "head", name: "Head", layers: 10, work: 600 };
const NODE: GroupMember = { worker: "node", name: "Node", layers: 18, work: 400 };
const GROUP = { members: [HEAD, NODE] };

async function notesOf(worker: string) {
  const { number, job, amount, total, asset } = creditNotes;
  const rows = ctx.db.select({ asset, number, job, amount, total }).from(creditNotes);
  return rows.where(eq(creditNotes.worker, worker)).orderBy(asc(asset), asc(number));
}

/** What came to a worker for its work, by its credit notes. */
async function earned(worker: string): Promise<bigint> {
  return (await notesOf(worker)).reduce((sum, { amount }) => sum + amount, 0n);
}

async function receiptOf(id: string): Promise<Receipt> {
  const [row] = await ctx.db.select().from(bills).where(eq(bills.id, id));
  const receipt = Receipt.parse(JSON.parse(row!.receipt!));
  expect(faultsInNumbers(receipt)).toEqual([]);
  return receipt;
}

async function balance(kind: string, owner = "house"): Promise<bigint> {
  const { rows } = await database.pg.query<{ balance: string }>(
    "select balance from ledger_accounts where asset = 'stars' and kind = $1 and owner = $2",
    [kind, owner],
  );
  return BigInt(rows[0]?.balance ?? "0");
}

describe("machines that served a model together", () => {
  test("each have a note and a leg for their part, and the receipt says which layers they computed", async () => {
    const id = await openedBill();
    const job = await endJob(ctx, id, { delivered: [["head", 100, GROUP]] });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    const [head, node] = [(SHARE * 6n) / 10n, SHARE - (SHARE * 6n) / 10n];
    expect(await notesOf("head")).toEqual([{ asset: "stars", number: 1, job, amount: head, total: head }]);
    expect(await notesOf("node")).toEqual([{ asset: "stars", number: 1, job, amount: node, total: node }]);
    const { jobs, legs } = await receiptOf(id);
    expect(jobs[0]!.workers).toEqual([
      {
        worker: "head",
        name: "Head",
        tokens: 100,
        isFalse: false,
        amount: String(head),
        work: { layers: 10, ofLayers: 28, bytes: 600, ofBytes: 1_000 },
      },
      {
        worker: "node",
        name: "Node",
        tokens: 100,
        isFalse: false,
        amount: String(node),
        work: { layers: 18, ofLayers: 28, bytes: 400, ofBytes: 1_000 },
      },
    ]);
    expect(legs.slice(0, 2)).toEqual([
      { to: "worker", worker: "head", amount: String(head) },
      { to: "worker", worker: "node", amount: String(node) },
    ]);
  });

  test("wait for their pay each as a new machine does", async () => {
    const id = await openedBill();
    await endJob(ctx, id, { delivered: [["head", 100, GROUP]] });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    const workers = ["head", "node", "w1"];
    expect(Object.fromEntries(await firstEarnedEpochs(ctx.db, workers))).toEqual({ head: 1, node: 1 });
  });

  test("earn together what one machine with the whole model would have earned, beside one that did the rest alone", async () => {
    const id = await openedBill();
    await endJob(ctx, id, {
      delivered: [
        ["head", 40, GROUP],
        ["w1", 60],
      ],
    });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await earned("head").then(async (head) => head + (await earned("node")))).toBe((SHARE * 4n) / 10n);
    expect(await earned("w1")).toBe((SHARE * 6n) / 10n);
  });

  test("have one leg and one note, where the group was formed anew and went on with the job", async () => {
    const id = await openedBill("request");
    const again = { members: [HEAD, { ...NODE, worker: "spare", name: "Spare" }] };
    await endJob(ctx, id, {
      delivered: [
        ["head", 50, GROUP],
        ["head", 50, again],
      ],
    });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await notesOf("head")).toHaveLength(1);
    const { legs } = await receiptOf(id);
    expect(legs.filter(({ to }) => to === "worker").map(({ worker }) => worker)).toEqual(["head", "node", "spare"]);
    expect((await earned("head")) + (await earned("node")) + (await earned("spare"))).toBeGreaterThanOrEqual(
      SHARE - 1n,
    );
  });

  test("are all paid where a job had as many leases as one may have, each of another group of four", async () => {
    const id = await openedBill();
    const groups = Array.from({ length: 64 }, (_, at) =>
      Array.from({ length: 4 }, (_none, place) => ({ ...NODE, worker: `w${at}.${place}` })),
    );
    await endJob(ctx, id, { delivered: groups.map((members) => [members[0]!.worker, 2, { members }] as const) });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    for (const worker of ["w0.0", "w31.2", "w63.3"]) expect(await notesOf(worker)).toHaveLength(1);
    expect((await receiptOf(id)).legs.filter(({ to }) => to === "worker")).toHaveLength(256);
  });

  test("that computed nothing, and only carried what others did, earn nothing", async () => {
    const id = await openedBill();
    const idle = { ...NODE, worker: "idle", name: "Idle", layers: 0, work: 0 };
    await endJob(ctx, id, { delivered: [["head", 100, { members: [HEAD, idle, NODE] }]] });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await notesOf("idle")).toEqual([]);
    expect((await earned("head")) + (await earned("node"))).toBe(SHARE);
    const { legs } = await receiptOf(id);
    expect(legs.map(({ worker }) => worker)).not.toContain("idle");
  });

  test("are slow together: each keeps down to half of its own part", async () => {
    const id = await openedBill();
    const timed = { tookMs: 9_000, levelMs: 1_000 };
    await endJob(ctx, id, { delivered: [["head", 100, { ...GROUP, timed }]] });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    const withheld = await balance("availability");
    expect((await earned("head")) + (await earned("node")) + withheld).toBe(SHARE);
    for (const { amount, withheld: late } of (await receiptOf(id)).jobs[0]!.workers)
      expect(BigInt(amount) - BigInt(late!)).toBeLessThanOrEqual(1n);
  });

  test("are not paid, none of them, for output that could not be true", async () => {
    const id = await openedBill();
    await endJob(ctx, id, {
      delivered: [
        ["head", 40, { ...GROUP, isFalse: true }],
        ["w1", 60],
      ],
    });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    for (const worker of ["head", "node"]) expect(await notesOf(worker)).toEqual([]);
    expect(await balance("refunds")).toBe((SHARE * 4n) / 10n);
    expect((await receiptOf(id)).legs).toContainEqual({
      to: "refunds",
      worker: null,
      amount: String(await balance("refunds")),
    });
  });

  test("of an answer that failed, and of a step that was made again, are each paid out of what was set aside", async () => {
    await setAside(2n * SHARE);
    const failed = await openedBill();
    await endJob(ctx, failed, { delivered: [["head", 100, GROUP]] });
    await closeBillAlone(ctx, { bill: failed, end: "failed" });
    expect([await earned("head"), await earned("node")]).toEqual([(SHARE * 6n) / 10n, SHARE - (SHARE * 6n) / 10n]);
    const repaired = await openedBill();
    const job = await endJob(ctx, repaired, { delivered: [["head", 100, GROUP]] });
    await discardJob(ctx, { bill: repaired, job });
    await closeBillAlone(ctx, { bill: repaired, end: "answered" });
    expect((await earned("head")) + (await earned("node"))).toBe(2n * SHARE);
    expect(await balance("person", `person:${ann}`)).toBe(whole(50));
  });
});

describe("of a free answer the promotion pays", () => {
  beforeEach(async () => {
    ctx = contextWith({ answersPerDay: 1 });
    const [promo, chain] = await Promise.all(
      (["promo", "chain_hot"] as const).map((kind) => ctx.ledger.openAccount({ asset: "coin", kind, owner: "house" })),
    );
    await ctx.ledger.do(moveOf({ from: chain!, to: promo!, amount: whole(1) }));
    await database.pg.query(
      'insert into rates (micro_usd_per_coin, at, sources) values (1700000, now(), \'["a","b"]\')',
    );
  });

  test("the machines with a stake, the asker's own not, and the others' parts to nobody", async () => {
    const more = ["poor", "own"].map((worker) => ({ worker, name: worker, layers: 6, work: 300 }));
    await stake("head", randomUUID());
    await stake("poor", randomUUID(), STAKE_MIN - 1n);
    await stake("own", ann);
    const id = await openedBill();
    await endJob(ctx, id, { delivered: [["head", 100, { members: [HEAD, ...more, NODE] }]] });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    const { amount } = (await receiptOf(id)).jobs[0]!.workers[0]!;
    expect(await notesOf("head")).toMatchObject([{ asset: "coin", number: 1, amount: BigInt(amount) }]);
    for (const worker of ["poor", "own", "node"]) expect(await notesOf(worker)).toEqual([]);
  });

  test("a machine that had the job twice for both times", async () => {
    await stake("head", randomUUID());
    await stake("node", randomUUID());
    const id = await openedBill();
    await endJob(ctx, id, {
      delivered: [
        ["head", 50, GROUP],
        ["node", 30],
        ["head", 20, GROUP],
      ],
    });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    const { workers } = (await receiptOf(id)).jobs[0]!;
    for (const worker of ["head", "node"]) {
      const shares = workers.filter((share) => share.worker === worker);
      expect(await earned(worker)).toBe(shares.reduce((sum, { amount }) => sum + BigInt(amount), 0n));
    }
  });
});

test("whoever served what, and however it ended, the books are right and the receipt adds up", async () => {
  const anyMembers = fc
    .uniqueArray(fc.constantFrom("w1", "w2", "w3", "w4"), { minLength: 2, maxLength: 4 })
    .chain((workers) =>
      fc.tuple(
        ...workers.map((worker) =>
          fc.record({
            worker: fc.constant(worker),
            name: fc.constant(worker),
            layers: fc.integer({ min: 1, max: 40 }),
            work: fc.oneof(fc.nat(3), fc.integer({ min: 1, max: 2 ** 40 })),
          }),
        ),
      ),
    );
  const anyFacts = fc.record({
    members: fc.option(anyMembers, { nil: undefined }),
    isFalse: fc.boolean(),
    timed: fc.option(fc.record({ tookMs: fc.nat(3_000), levelMs: fc.constant(1_000) }), { nil: undefined }),
  });
  const anyJob = fc.array(fc.tuple(fc.nat(120), anyFacts), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(anyJob, { minLength: 1, maxLength: 3 }), fc.boolean(), async (jobs, isAnswered) => {
      const id = await openedBill();
      for (const attempts of jobs) {
        const delivered = attempts.map(([tokens, { members, isFalse, timed }]) => {
          const facts = { isFalse, ...(members && { members }), ...(timed && { timed }) };
          return [members?.[0]?.worker ?? "w1", tokens, facts] as const;
        });
        await endJob(ctx, id, { delivered });
      }
      await closeBillAlone(ctx, { bill: id, end: isAnswered ? "answered" : "failed" });
      const receipt = await receiptOf(id);
      const all = jobs.flat().reduce((sum, [, { members }]) => sum + (members?.length ?? 1), 0);
      expect(receipt.jobs.flatMap(({ workers }) => workers)).toHaveLength(all);
      await expectBooksRight(database.pg);
    }),
    { numRuns: 15 },
  );
});

function stake(worker: string, person: string, amount = STAKE_MIN): Promise<void> {
  return bindWorker(ctx.db, { worker, person, stake: amount });
}

/** Puts this much into the reserve for losses. */
async function setAside(amount: bigint): Promise<void> {
  const from = await ctx.ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const to = await ctx.ledger.openAccount({ asset: "stars", kind: "loss", owner: "house" });
  expect(await ctx.ledger.do(moveOf({ from, to, amount }))).toEqual(DONE);
}
