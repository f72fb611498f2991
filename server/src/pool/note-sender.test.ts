/** Credit notes over the workers' own sockets. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { CreditNote, NOTES_PER_FRAME_MAX } from "@starai/protocol/credit-note";
import type { SignedNote } from "@starai/protocol/credit-note";
import { writeNotes } from "../billing/credit-notes.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import { creditTotals } from "../db/schema.ts";
import { isSignedBy } from "../receipts/receipt-key.ts";
import { DONE, captureOf, holdOf, moveOf } from "../testing/ledger.ts";
import { openPoolStack, plumbingModel, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { ScriptedWorker } from "../testing/scripted-worker.ts";

const vocabularies = testVocabularies();
let stack: PoolStack;
beforeAll(async () => {
  stack = await openPoolStack(vocabularies);
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
});

async function join(worker: ScriptedWorker, notes: ScriptedWorker["notes"]): Promise<ScriptedWorker> {
  worker.notes = notes;
  await worker.join(stack.url);
  return worker;
}

function newWorker(name: string): ScriptedWorker {
  const worker = new ScriptedWorker(name, [plumbingModel()]);
  onTestFinished(() => worker.kill());
  return worker;
}

/** So many jobs of one answer, each paid with this much of the worker's share. */
async function credit({ keys }: ScriptedWorker, jobs: number, asset: "coin" | "stars" = "coin"): Promise<void> {
  const { ctx } = stack;
  const { ledger } = ctx;
  const source = asset === "coin" ? "chain_deposits" : "telegram_stars";
  const [from, person, to] = await Promise.all([
    ledger.openAccount({ asset, kind: source, owner: "house" }),
    ledger.openAccount({ asset, kind: "person", owner: `person:${randomUUID()}` }),
    ledger.openAccount({ asset, kind: "earner", owner: `worker:${keys.key}` }),
  ]);
  const amount = BigInt(jobs) * 7n;
  expect(await ledger.do(moveOf({ from, to: person, amount }))).toEqual(DONE);
  const hold = holdOf({ account: person, amount });
  await ledger.do(hold);
  const captures = Array.from({ length: jobs }, () =>
    captureOf({ hold: hold.id, legs: [{ to, amount: 7n, kind: "earned" }] }),
  );
  for (const capture of captures) await ledger.do(capture);
  await ledger.do({ verb: "release", hold: hold.id });
  await moneyTransaction(ctx.pg, (open) =>
    writeNotes(
      ctx,
      open,
      captures.map(({ key }) => ({ key, job: key })),
    ),
  );
}

function read({ note, key, signature }: SignedNote): CreditNote {
  const { signer } = stack.ctx;
  expect(key).toBe(signer.id);
  expect(isSignedBy(signer.publicKey, { text: note, signature })).toBe(true);
  const parsed = CreditNote.parse(JSON.parse(note));
  expect(JSON.stringify(parsed)).toBe(note);
  return parsed;
}

/** Until it has this many. */
async function notesOf(worker: ScriptedWorker, count: number): Promise<CreditNote[]> {
  const notes: CreditNote[] = [];
  while (notes.length < count) {
    const frame = await worker.frame("credits");
    expect(frame.notes.length).toBeLessThanOrEqual(NOTES_PER_FRAME_MAX);
    notes.push(...frame.notes.map(read));
  }
  return notes;
}

test("a worker is sent what it has not, in frames, signed for this server, and what comes later at once", async () => {
  const ann = newWorker("ann");
  await credit(ann, 120);
  await credit(ann, 2, "stars");
  await join(ann, { coin: 5, stars: 0 });
  const notes = await notesOf(ann, 117);
  expect(notes.filter(({ asset }) => asset === "coin").map(({ number }) => number)).toEqual(
    Array.from({ length: 115 }, (_, at) => at + 6),
  );
  expect(notes.filter(({ asset }) => asset === "stars").map(({ number }) => number)).toEqual([1, 2]);
  expect(notes[0]).toMatchObject({ worker: ann.keys.key, amount: "7", total: "42" });
  await credit(ann, 1);
  expect(await notesOf(ann, 1)).toMatchObject([{ number: 121, asset: "coin", total: String(121 * 7) }]);
});

test("a worker that comes back names its last one, and gets none of them twice", async () => {
  const bob = await join(newWorker("bob"), { coin: 0, stars: 0 });
  await credit(bob, 3);
  await notesOf(bob, 3);
  await bob.leave();
  await credit(bob, 1);
  await join(bob, { coin: 3, stars: 0 });
  expect(await notesOf(bob, 1)).toMatchObject([{ number: 4 }]);
});

test("a worker that keeps no notes is sent none, and neither is one that says it has more than there are", async () => {
  const [old, liar, honest] = [newWorker("old"), newWorker("liar"), newWorker("honest")];
  await join(old, undefined);
  await join(liar, { coin: 9, stars: 0 });
  await join(honest, { coin: 0, stars: 0 });
  for (const worker of [old, liar, honest]) await credit(worker, 1);
  await notesOf(honest, 1);
  for (const worker of [old, liar]) {
    expect(worker.frames.filter(({ type }) => type === "credits")).toEqual([]);
    expect(worker.closed).toBeNull();
  }
});

test("no worker is sent another's notes", async () => {
  const [one, other] = [newWorker("one"), newWorker("other")];
  await credit(one, 2);
  await join(other, { coin: 0, stars: 0 });
  await credit(other, 1);
  expect((await notesOf(other, 1)).map(({ worker }) => worker)).toEqual([other.keys.key]);
  const totals = await stack.ctx.db.select().from(creditTotals);
  expect(totals.find(({ worker }) => worker === one.keys.key)).toMatchObject({ notes: 2, total: 14n });
});
