/** Slashes on the operator's side: evidence without words, and an order for the publisher. */
import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { GroupMember } from "../db/group-member.ts";
import {
  attempts,
  chainHome,
  contributorStakes,
  epochLines,
  epochs,
  jobs,
  slashProposals,
  workerBindings,
} from "../db/schema.ts";
import { bindWorker } from "../testing/bind-worker.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { operatorOver } from "../testing/operator.ts";
import type { TestOperator } from "../testing/operator.ts";

let database: TestDatabase;
let operator: TestOperator;
const person = randomUUID();
const wallet = `0:${createHash("sha256").update(person).digest("hex")}`;
const distributor = `0:${"d".repeat(64)}`;
let [theirs, foreign] = ["", ""];

beforeAll(async () => {
  database = await createTestDatabase();
  operator = operatorOver(database);
  await bindWorker(database.db, { worker: "w1", person, stake: STAKE_MIN });
  theirs = await jobBy("w1", "engine_crashed: a word of the machine");
  foreign = await jobBy("w2", "done");
});
afterAll(() => database[Symbol.asyncDispose]());

async function jobBy(workerId: string, end: string): Promise<string> {
  const request = { turns: [{ role: "user", content: "a person's words" }] } as never;
  const values = { key: randomUUID(), owner: "person:x", model: "m", request, deadlineAt: new Date() };
  const [job] = await database.db.insert(jobs).values(values).returning();
  await database.db.insert(attempts).values({ jobId: job!.id, fence: 1, workerId, end, tokens: 7 });
  return job!.id;
}

test("a slash needs a chain, a stake that covers it and jobs of the wallet's own machines", async () => {
  const slash = (amount: string, ...ids: string[]) =>
    operator("slash", wallet, amount, "answers of another model", ...ids.flatMap((id) => ["--job", id]));
  expect(await slash("1", theirs)).toContain("no stake to slash");
  await database.db
    .insert(chainHome)
    .values({ networkId: -3, deposits: `0:${"a".repeat(64)}`, till: `0:${"b".repeat(64)}`, distributor });
  expect(await slash("5.000000001", theirs)).toContain("5 coins at stake");
  expect(await slash("1", theirs, foreign)).toContain(`worked on the job ${foreign}`);
  expect(await slash("1")).toContain("1 to 50 jobs");
  expect(await slash("0", theirs)).toContain("is a number from");
  expect(await operator("slash", "nowhere", "1", "a reason", "--job", theirs)).toContain("is no address");
  expect(await operator("slash", wallet, "1", "a\u001b[2J", "--job", theirs)).toContain("one line");
  expect(await database.db.$count(slashProposals)).toBe(0);
});

test("a slash is stored with numbers and ids, no words, and its hash is in the publisher's order", async () => {
  const said = await operator("slash", wallet, "2.5", "answers of another model", "--job", theirs);
  const [row] = await database.db.select().from(slashProposals);
  expect(row).toMatchObject({ wallet, amount: 2_500_000_000n, reason: "answers of another model", state: "proposed" });
  expect(JSON.parse(row!.evidence)).toMatchObject({
    jobs: [{ job: theirs, worker: "w1", end: "engine_crashed", tokens: 7 }],
  });
  expect(row!.evidence).not.toMatch(/a person's words|a word of the machine/);
  expect(said).toContain(` 2.5 ${createHash("sha256").update(row!.evidence).digest("hex")} --distributor`);
  expect(said).toMatch(/npm run ton -- propose-slash \S+ 2\.5 [0-9a-f]{64} --distributor 0:d{64} --network-id=-3/);
  await database.db
    .update(contributorStakes)
    .set({ disputed: 2_500_000_000n, disputedUntil: new Date("2026-12-07T00:00:00Z") })
    .where(eq(contributorStakes.wallet, wallet));
  expect(await operator("slashes")).toContain("2.5 coins disputed until 2026-12-07 00:00");
});

test("whoever gave a machine away answers for the jobs that they were paid for, and for no later ones", async () => {
  const { db } = database;
  await db.update(workerBindings).set({ person: null });
  const slash = (id: string) => operator("slash", wallet, "1", "answers of another model", "--job", id);
  expect(await slash(theirs)).toContain(`worked on the job ${theirs}`);
  const closed = { chainEpoch: 1, closedAt: new Date(), recordedAt: new Date(), upto: 0, leaves: 1, total: 1n };
  await db.insert(epochs).values({ number: 1, state: "active", ...closed });
  await db.insert(epochLines).values({ epoch: 1, worker: "w1", wallet, earned: 1n, released: 1n, held: 0n });
  expect(await slash(theirs)).toContain("Stored as");
  await db.update(attempts).set({ startedAt: new Date(Date.now() + 60_000) });
  expect(await slash(theirs)).toContain(`worked on the job ${theirs}`);
});

test("one slash is shown with all that is stored: its evidence as it was hashed, its order, and its dates once the chain shows it", async () => {
  const { db } = database;
  const [row] = await db.select().from(slashProposals).orderBy(slashProposals.createdAt).limit(1);
  const { id, evidence } = row!;
  const hash = createHash("sha256").update(evidence).digest("hex");
  const stored = await operator("slashes", id.toUpperCase());
  for (const part of [`${id}  proposed`, `2.5 coins of ${wallet}`, "answers of another model", `SHA-256 ${hash}`])
    expect(stored).toContain(part);
  expect(stored.split("\n")).toContain(evidence);
  expect(stored).toMatch(/not yet, as far as the chain shows.*\n.*propose-slash \S+ 2\.5 [0-9a-f]{64} --distributor/);
  expect(stored).not.toContain("disputed");
  await db
    .update(slashProposals)
    .set({ shownAt: new Date("2026-12-04T00:00:00Z") })
    .where(eq(slashProposals.id, id));
  const seen = await operator("slashes", id);
  expect(seen).toContain("the chain showed it on 2026-12-04 00:00 UTC");
  expect(seen).toContain("2.5 coins until 2026-12-07 00:00 UTC");
  expect(seen).toContain("by anybody from 2026-12-07 00:00 to 2026-12-14 00:00 UTC");
  expect(seen).not.toContain("propose-slash");
});

test("one that is over shows its end and no dispute of a later one", async () => {
  const { db } = database;
  const over = { state: "executed" as const, endedAt: new Date("2026-12-08T00:00:00Z") };
  const [row] = await db.update(slashProposals).set(over).where(eq(slashProposals.amount, 2_500_000_000n)).returning();
  const said = await operator("slashes", row!.id);
  expect(said).toContain("ended     2026-12-08 00:00 UTC: executed");
  expect(said).not.toMatch(/disputed|by anybody/);
});

test.each([
  [[randomUUID()], "There is no slash"],
  [["1"], "takes nothing, or the id"],
  [[randomUUID(), randomUUID()], "takes nothing, or the id"],
])("slashes %j is refused with what to write", async (words, says) => {
  expect(await operator("slashes", ...words)).toContain(says);
});

test("what a group did is evidence about each of its machines, and names them all without their words", async () => {
  const [owner, group] = [randomUUID(), [layersOf("head", 10), layersOf("node", 18)]];
  await bindWorker(database.db, { worker: "node", person: owner, stake: STAKE_MIN });
  const nodes = `0:${createHash("sha256").update(owner).digest("hex")}`;
  const job = await jobBy("head", "left_the_form");
  const slash = () => operator("slash", nodes, "1", "false layers", "--job", job);
  expect(await slash()).toContain(`worked on the job ${job}`);
  await database.db.update(attempts).set({ members: group }).where(eq(attempts.jobId, job));
  expect(await slash()).toContain("Stored as");
  const [row] = await database.db.select().from(slashProposals).where(eq(slashProposals.wallet, nodes));
  expect(JSON.parse(row!.evidence)).toMatchObject({
    jobs: [{ worker: "head", members: group.map(({ worker, layers }) => ({ worker, layers })) }],
  });
  expect(row!.evidence).not.toContain("a machine's own name");
});

function layersOf(worker: string, layers: number): GroupMember {
  return { worker, name: "a machine's own name", layers, work: layers };
}
