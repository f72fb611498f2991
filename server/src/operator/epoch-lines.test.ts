/** `operator epochs N`: each worker's line of an epoch, and why what it earned waits or was taken. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { creditTotals, epochLines, epochs, wallets, workerBindings, workers } from "../db/schema.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { operatorOver } from "../testing/operator.ts";
import type { TestOperator } from "../testing/operator.ts";

const COIN = 10n ** 9n;
const WALLET = `0:${"c".repeat(64)}`;
const key = (name: string) => Buffer.from(name.padEnd(32, ".")).toString("hex");

let database: TestDatabase;
let operator: TestOperator;

beforeAll(async () => {
  database = await createTestDatabase();
  operator = operatorOver(database);
  const { db } = database;
  const closed = { chainEpoch: 3, closedAt: new Date("2026-11-30T01:25:00Z"), recordedAt: new Date(), upto: 0 };
  await db.insert(epochs).values([
    { number: 3, state: "active", leaves: 1, total: 0n, ...closed },
    { number: 4, state: "closing", leaves: 1, total: 0n, ...closed },
    { number: 5, state: "dropped", leaves: 1, total: 0n, ...closed },
  ]);
  const person = randomUUID();
  await db.insert(wallets).values({ person, address: WALLET, payoutsFrom: new Date() });
  await db.insert(workerBindings).values([
    { worker: key("paid"), person },
    { worker: key("open"), person },
    { worker: key("poor"), person: randomUUID() },
  ]);
  const name = { name: "Rack\u001b[2J", version: "1" };
  await db.insert(workers).values([{ ...name, id: key("paid") }]);
  const firsts = { paid: 1, open: 1, poor: 1, lone: 1, young: 3, cheat: 3 };
  await db
    .insert(creditTotals)
    .values(
      Object.entries(firsts).map(([id, firstEpoch]) => ({ worker: key(id), asset: "coin" as const, firstEpoch })),
    );
  const nothing = { earned: COIN, availability: 0n, released: 0n, forfeited: 0n, held: 0n };
  await db.insert(epochLines).values([
    { ...nothing, epoch: 3, worker: key("paid"), wallet: WALLET, availability: COIN / 2n, released: 6n * COIN },
    { ...nothing, epoch: 3, worker: key("open"), wallet: WALLET, released: COIN / 4n, held: COIN / 2n },
    { ...nothing, epoch: 3, worker: key("poor"), held: COIN },
    { ...nothing, epoch: 3, worker: key("lone"), held: COIN },
    { ...nothing, epoch: 3, worker: key("young"), held: COIN },
    { ...nothing, epoch: 3, worker: key("never"), earned: 0n, availability: COIN, held: COIN },
    { ...nothing, epoch: 3, worker: key("cheat"), forfeited: COIN },
    { ...nothing, epoch: 4, worker: key("paid"), wallet: WALLET, released: COIN, toMove: true },
  ]);
  const many = Array.from({ length: 203 }, (_, at) => ({ ...nothing, epoch: 5, worker: key(`m${at}`), held: COIN }));
  await db.insert(epochLines).values([...many, { ...nothing, epoch: 5, worker: key("small"), held: 1n }]);
});
afterAll(() => database[Symbol.asyncDispose]());

/** What is said of one worker. */
function of(said: string, name: string): string {
  const lines = said.split("\n");
  const at = lines.findIndex((line) => line.startsWith(key(name)));
  const end = lines.findIndex((line, next) => next > at && !line.startsWith("    "));
  return lines.slice(at, end < 0 ? undefined : end).join("\n");
}

test("an epoch's lines are listed with their sums, the largest amounts first", async () => {
  const said = await operator("epochs", "3");
  expect(said).toMatch(
    /^Epoch 3, active, closed 2026-11-30 01:25: 7 workers; earned 6 coins, for being there 1\.5 coins, to leaves 6\.25 coins, taken for refunds 1 coins, waits 4\.5 coins\n/,
  );
  expect(said.split("\n")[1]).toBe(`${key("paid")}  Rack [2J`);
  expect(of(said, "paid")).toContain("earned 1 coins, for being there 0.5 coins, to leaves 6 coins, waits 0 coins");
  expect(of(said, "paid")).toContain(`the leaf is of ${WALLET}`);
});

test.each([
  ["young", "the machine is new: the closing of epoch 5 releases it"],
  ["never", "the machine is new: it was never paid for a job"],
  ["lone", "it waits for an owner"],
  ["poor", "it waits for a wallet"],
  ["open", "an answer under way may still take back what waits"],
  ["cheat", "banned while it was new"],
])("why the pay of the %s one waits, or was taken, is said", async (name, why) => {
  expect(of(await operator("epochs", "3"), name)).toContain(why);
});

test("who was paid all of it is not said to wait, and who was banned has nothing that waits", async () => {
  const said = await operator("epochs", "3");
  expect(of(said, "paid")).not.toContain("it waits");
  expect(of(said, "cheat")).not.toContain("it waits");
});

test("a closing that is not done is told as one", async () => {
  const said = await operator("epochs", "4");
  expect(said).toContain("1 workers, 1 of them still to be moved");
  expect(of(said, "paid")).toContain("not moved yet");
});

test("two hundred lines are listed at most, and how many more there are is said", async () => {
  const said = await operator("epochs", "5");
  expect(said).toContain("204 workers;");
  expect(said.match(/^[0-9a-f]{64} /gm)).toHaveLength(200);
  expect(said).toContain("… and 4 more");
  expect(said).not.toContain(key("small"));
});

test.each([["7"], ["0"], ["-1"], ["1.5"], ["x"], ["9999999999"], ["3; drop"]])(
  "what is no closed epoch, as %j, is refused with what lists them",
  async (number) => {
    expect(await operator("epochs", number)).toMatch(
      /^refused: No epoch ".*" was closed here: `npm run operator -- epochs` lists/,
    );
  },
);

test("more than one number is refused with what to write", async () => {
  expect(await operator("epochs", "3", "4")).toContain("npm run operator -- epochs 7");
});
