/**
 * Laws of the ledger on a real PostgreSQL: asked one after another it answers as a plain model does; asked by many at
 * once, with the same asked several times, each effect happens once and the books add up.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";
import { Ledger } from "./ledger.ts";
import { PlainLedger } from "../testing/plain-ledger.ts";
import type { Operation, Outcome } from "./rules/operation.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const CALLERS = 24;
const PERSONS = 3;
const FUNDS = 120n;
/** Few, so that they meet: keys are used twice, holds captured by many. */
const [KEYS, HOLDS] = [40, 12];
const DAY = "2026-11-29";
const EXPIRES = new Date("2999-01-01T00:00:00Z");

let books: TestLedger;
let runs = 0;
beforeAll(async () => {
  books = await openTestLedger();
});
afterAll(() => books[Symbol.asyncDispose]());

/** Accounts and keys by small numbers; `mint` makes them real for one run. */
const small = (size: number) => fc.nat(size - 1);
const amount = (max: number) => fc.integer({ min: 1, max });
const sketches = fc.oneof(
  fc.record({ verb: fc.constant("move"), key: small(KEYS), from: small(6), to: small(6), amount: amount(60) }),
  fc.record({
    verb: fc.constant("hold"),
    hold: small(HOLDS),
    person: small(PERSONS),
    amount: amount(70),
    cap: amount(150),
  }),
  fc.record({
    verb: fc.constant("capture"),
    key: small(KEYS),
    hold: small(HOLDS),
    legs: fc.array(fc.tuple(small(6), amount(30)), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ verb: fc.constant("release"), hold: small(HOLDS) }),
  fc.record({ verb: fc.constant("reverse"), key: small(KEYS), of: small(KEYS) }),
);
type Sketch = typeof sketches extends fc.Arbitrary<infer Value> ? Value : never;

interface World {
  readonly model: PlainLedger;
  readonly accounts: readonly number[];
  readonly mint: (sketch: Sketch) => Operation | null;
}

async function openWorld(): Promise<World> {
  const run = ++runs;
  const persons = await Promise.all(Array.from({ length: PERSONS }, () => books.account("person", FUNDS)));
  const others = [await books.account("earner"), await books.account("fees"), await books.account("receivable")];
  const accounts = [...persons, ...others];
  const model = new PlainLedger(
    accounts.map((id, at) => ({ id, balance: at < PERSONS ? FUNDS : 0n, signed: at === accounts.length - 1 })),
  );
  const uuid = (kind: number, n: number) =>
    `${run.toString(16).padStart(8, "0")}-000${kind}-4000-8000-${n.toString(16).padStart(12, "0")}`;
  return { model, accounts, mint: (sketch) => mint(sketch, { accounts, uuid, capOwner: `world:${run}` }) };
}

interface Names {
  readonly accounts: readonly number[];
  readonly uuid: (kind: number, n: number) => string;
  readonly capOwner: string;
}

/** Null for what a caller is refused before the ledger is asked. */
function mint(sketch: Sketch, { accounts, uuid, capOwner }: Names): Operation | null {
  const key = "key" in sketch ? uuid(1, sketch.key) : "";
  const hold = "hold" in sketch ? uuid(2, sketch.hold) : "";
  if ("from" in sketch) {
    if (sketch.from === sketch.to) return null;
    const sides = { from: accounts[sketch.from]!, to: accounts[sketch.to]! };
    return { verb: "move", key, ...sides, amount: BigInt(sketch.amount), kind: "test" };
  }
  if ("person" in sketch) {
    const caps = [{ owner: capOwner, amount: BigInt(sketch.cap) }];
    const account = accounts[sketch.person]!;
    return { verb: "hold", id: hold, account, amount: BigInt(sketch.amount), day: DAY, caps, expiresAt: EXPIRES };
  }
  if ("legs" in sketch) {
    const legs = sketch.legs.map(([to, leg]) => ({ to: accounts[to]!, amount: BigInt(leg), kind: "earned" }));
    return { verb: "capture", key, hold, legs };
  }
  if ("of" in sketch) return sketch.key === sketch.of ? null : { verb: "reverse", key, of: uuid(1, sketch.of) };
  return { verb: "release", hold };
}

const mintAll = (world: World, drawn: readonly Sketch[]) => drawn.map(world.mint).filter((one) => one !== null);

async function expectBalances(world: World): Promise<void> {
  for (const id of world.accounts) expect(await books.balance(id)).toEqual(world.model.balance(id));
}

test("one after another, each operation has the outcome and the effect of the plain model", async () => {
  const numRuns = isLong ? 60 : 4;
  await fc.assert(
    fc.asyncProperty(fc.array(sketches, { minLength: 30, maxLength: 90 }), async (drawn) => {
      const world = await openWorld();
      for (const operation of mintAll(world, drawn)) {
        const outcome = await books.ledger.do(operation);
        expect(outcome.kind).toBe(world.model.do(operation));
      }
      await expectBalances(world);
      await books.expectSound();
    }),
    { numRuns },
  );
});

test("in one batch operations have the outcomes they would have one after another", async () => {
  const numRuns = isLong ? 100 : 8;
  await fc.assert(
    fc.asyncProperty(fc.array(sketches, { minLength: 50, maxLength: 150 }), async (drawn) => {
      const world = await openWorld();
      const operations = mintAll(world, drawn);
      const outcomes = await Promise.all(operations.map((operation) => books.ledger.do(operation)));
      expect(outcomes.map(({ kind }) => kind)).toEqual(operations.map((operation) => world.model.do(operation)));
      await expectBalances(world);
      await books.expectSound();
    }),
    { numRuns },
  );
});

test("what one batch does and undoes is kept although no balance changes: asked again, it does not happen again", async () => {
  const numRuns = isLong ? 60 : 10;
  const undone = fc.record({ from: small(3), to: small(3), amount: amount(20), byKey: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(undone, { minLength: 1, maxLength: 5 }), async (drawn) => {
      const world = await openWorld();
      const sketched = drawn.flatMap(({ from, to, byKey, ...sum }, at): Sketch[] => [
        { verb: "move", key: 2 * at, from, to, ...sum },
        byKey
          ? { verb: "reverse", key: 2 * at + 1, of: 2 * at }
          : { verb: "move", key: 2 * at + 1, from: to, to: from, ...sum },
      ]);
      const operations = mintAll(world, sketched);
      const askAll = () => Promise.all(operations.map((operation) => books.ledger.do(operation)));
      const kinds = (await askAll()).map(({ kind }) => kind);
      expect(kinds).toEqual(operations.map((operation) => world.model.do(operation)));
      const again = (await askAll()).map(({ kind }) => kind);
      expect(again).toEqual(operations.map((operation) => world.model.do(operation)));
      await expectBalances(world);
      await books.expectSound();
    }),
    { numRuns },
  );
});

interface Answered {
  readonly operation: Operation;
  readonly outcome: Outcome;
}

/** Each operation is asked by up to three callers; the callers are shared between two servers' ledgers. */
async function askAtOnce(operations: readonly Operation[], copies: readonly number[]): Promise<Answered[]> {
  await using other = new Ledger(books.connection);
  const ledgers = [books.ledger, other];
  const queue = operations.flatMap((operation, at) =>
    Array.from({ length: 1 + (copies[at % copies.length] ?? 0) }, () => operation),
  );
  const answered: Answered[] = [];
  const caller = async (number: number) => {
    for (let operation = queue.shift(); operation !== undefined; operation = queue.shift())
      answered.push({ operation, outcome: await ledgers[number % 2]!.do(operation) });
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, number) => caller(number)));
  return answered;
}

const subjectOf = (operation: Operation): string => {
  if (operation.verb === "hold") return `hold ${operation.id}`;
  return operation.verb === "release" ? `release ${operation.hold}` : `key ${operation.key}`;
};

const repeatsIn = (names: readonly string[]) => names.filter((name, at) => names.indexOf(name) < at);

test(`${CALLERS} callers at once, each operation asked up to three times: every effect happens once, and nothing is lost or made`, async () => {
  const size = isLong ? 1_200 : 150;
  const numRuns = isLong ? 14 : 3;
  let asked = 0;
  const drawn = fc.array(sketches, { minLength: size, maxLength: size, size: "max" });
  await fc.assert(
    fc.asyncProperty(drawn, fc.array(fc.nat(2), { minLength: 7, maxLength: 31 }), async (sketched, copies) => {
      const world = await openWorld();
      const answered = await askAtOnce(mintAll(world, sketched), copies);
      asked += answered.length;
      const done = answered.filter(({ outcome }) => outcome.kind === "done").map(({ operation }) => operation);
      expect(repeatsIn(done.map(subjectOf))).toEqual([]);
      const later = await Promise.all(done.map((operation) => books.ledger.do(operation)));
      expect(later.filter(({ kind }) => kind !== "again")).toEqual([]);
      const repeated = answered.filter(({ outcome }) => outcome.kind === "again" || outcome.kind === "conflict");
      expect(done.map(subjectOf)).toEqual(
        expect.arrayContaining([...new Set(repeated.map(({ operation }) => subjectOf(operation)))]),
      );
      world.model.post(done);
      await expectBalances(world);
      await books.expectSound();
    }),
    { numRuns, endOnFailure: true },
  );
  expect(asked).toBeGreaterThan(isLong ? 20_000 : 500);
});
