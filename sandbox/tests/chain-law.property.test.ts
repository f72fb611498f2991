/**
 * The law of the books of the chain: whatever people send, whoever breaks off where, and whatever an endpoint says, every
 * transaction is booked exactly once and in its order, and the books have what each account has, to the nano unit.
 */
import { beginCell, internal } from "@ton/core";
import type { Cell } from "@ton/core";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import { chainLook } from "@starai/server/chain/look-at-chain";
import { ChainUnread } from "@starai/server/chain/read-account";
import { people } from "@starai/server/db/schema";
import { depositNumberOf } from "@starai/server/deposits/deposit-number";
import { expectBooksRight } from "@starai/server/testing/books";
import { Crash, CrashingPool } from "@starai/server/testing/crashing-pool";
import { readingsOf } from "@starai/server/watch-chain";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import { HostileEndpoint, MOODS } from "../src/testing/hostile-endpoint.ts";
import type { Mood } from "../src/testing/hostile-endpoint.ts";
import type { RoleWallet } from "../src/ton/roles.ts";

const COIN = 10n ** 9n;
const RUNS = process.env.LONG_TESTS === "1" ? 200 : 6;
const signal = new AbortController().signal;

let house: ChainHouse;
let payer: RoleWallet;
beforeAll(async () => {
  house = await openChainHouse();
  payer = await house.rich("a payer", 100_000n * COIN);
  await house.look();
});
afterAll(() => house[Symbol.asyncDispose]());

const SENT = ["typed", "memo", "plain", "wrong number", "refused", "kept", "dust", "jetton", "order"] as const;
const Sent = fc.record({
  how: fc.constantFrom(...SENT),
  who: fc.nat({ max: 1 }),
  value: fc.bigInt({ min: 10_000_000n, max: 20n * COIN }),
});
type Sent = typeof Sent extends fc.Arbitrary<infer Value> ? Value : never;
const Look = fc.record({
  mood: fc.constantFrom(...MOODS),
  /** At which statement the database breaks off; null: at none. */
  crash: fc.option(fc.nat({ max: 40 })),
  twice: fc.boolean(),
});

interface Named {
  readonly person: string;
  readonly number: bigint;
  readonly memo: string;
}

let telegramId = 10_000;
async function newPerson(): Promise<Named> {
  const { db } = house.ctx;
  const [row] = await db.insert(people).values({ telegramId: ++telegramId, name: "Ann" }).returning({ id: people.id });
  return { person: row!.id, ...(await depositNumberOf(db, row!.id)) };
}

const op = (code: number) =>
  beginCell()
    .storeUint(code, 32)
    .storeUint(0, 64)
    .storeCoins(5n * COIN)
    .endCell();

/** The message, and whose it is by the law: a person's, nobody's, or the house's. */
function messageOf({ how, value }: Sent, { number, memo }: Named) {
  const deposits = house.chain.deposits;
  const of = (
    body: Cell | string | undefined,
    to: "person" | "unmatched" | "own",
    { bounce = false, amount = value } = {},
  ) => ({
    message: internal({ to: deposits, value: amount, bounce, ...(body === undefined ? {} : { body }) }),
    to,
    amount,
  });
  switch (how) {
    case "typed":
      return of(vaultBody.deposit({ userId: number }), "person");
    case "memo":
      return of(memo, "person");
    case "plain":
      return of(undefined, "unmatched");
    case "wrong number":
      return of(vaultBody.deposit({ userId: number ^ 1n }), "unmatched");
    case "refused":
      return of(op(0xdeadbeef), "own", { bounce: true });
    case "kept":
      return of(op(0xdeadbeef), "unmatched");
    case "dust":
      return of(vaultBody.deposit({ userId: number }), "own", { amount: 1n + (value % 9_999_999n) });
    case "jetton":
      return of(op(0x7362d09c), "own");
    // Anybody's order is refused by the vault, and comes back.
    case "order":
      return of(vaultBody.payHot({ amount: COIN }), "own", { bounce: true });
  }
}

const balanceOf = async (name: string) => (await house.balances())[name] ?? 0n;

test("what was sent is credited exactly once, whatever breaks off and whatever an endpoint says", async () => {
  const counts: Record<string, number> = {};
  const run = fc.asyncProperty(
    fc.array(Sent, { minLength: 1, maxLength: 12 }),
    fc.array(Look, { maxLength: 8 }),
    fc.boolean(),
    async (sent, looks, draws) => {
      const persons = [await newPerson(), await newPerson()];
      const before = await balanceOf("unmatched house");
      const messages = sent.map((one) => ({ ...messageOf(one, persons[one.who]!), who: one.who }));
      const endpoint = new HostileEndpoint(house.chain.client);
      const lookOnce = looker(endpoint, counts);
      // Something an endpoint can be late with.
      await lookOnce({ mood: "honest", crash: null, twice: false });
      await house.test.sendFrom(payer, ...messages.map(({ message }) => message));
      if (draws) await drawToHot();
      for (const look of looks) await lookOnce(look);
      await lookOnce({ mood: "honest", crash: null, twice: true });

      const sumOf = (to: string, who?: number) =>
        messages
          .filter((one) => one.to === to && (who ?? one.who) === one.who)
          .reduce((sum, { amount }) => sum + amount, 0n);
      for (const [who, { person }] of persons.entries())
        expect(await balanceOf(`person person:${person}`)).toBe(sumOf("person", who));
      expect((await balanceOf("unmatched house")) - before).toBe(sumOf("unmatched"));
      await expectLaw();
    },
  );
  await fc.assert(run, { numRuns: RUNS });
  await expectBooksRight(house.database.pg);
  // A run that met no fault would say nothing.
  expect(counts.crash).toBeGreaterThan(0);
  expect(counts.unread).toBeGreaterThan(0);
}, 3_600_000);

async function drawToHot(): Promise<void> {
  const order = {
    to: house.chain.deposits,
    value: COIN / 10n,
    body: vaultBody.payHot({ amount: 1_000_000n }),
    bounce: true,
  };
  await house.pay(house.roles.operator, order);
}

/** Looks once, or as two processes at once; counts what stood in its way, which is nothing else than what was arranged. */
function looker(endpoint: HostileEndpoint, counts: Record<string, number>) {
  const crashing = new CrashingPool(house.ctx.pg);
  const ctx = { ...house.ctx, pg: crashing.pool };
  const chain = { ...house.chain, client: endpoint.client };
  const processes = [1, 2].map(() => chainLook(ctx, chain, readingsOf(ctx)));
  return async ({ mood, crash, twice }: { mood: Mood; crash: number | null; twice: boolean }) => {
    endpoint.mood = mood;
    crashing.seen = 0;
    crashing.after = crash;
    const faults = await Promise.all(
      processes.slice(twice ? 0 : 1).map((look) =>
        look(signal).then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    crashing.after = null;
    for (const fault of faults) {
      const name = nameOf(fault);
      counts[name] = (counts[name] ?? 0) + 1;
      expect(mood === "honest" && crash === null ? ["none"] : ["none", "crash", "unread", "down"]).toContain(name);
    }
  };
}

function nameOf(fault: unknown): string {
  if (fault === null) return "none";
  if (fault instanceof ChainUnread) return "unread";
  const said = fault as Error;
  if (said instanceof Crash || said.cause instanceof Crash) return "crash";
  return /429|not found/.test(said.message) ? "down" : String(said.stack);
}

/** The mirrors are exact, every transaction has one row, and nothing is in transit. */
async function expectLaw(): Promise<void> {
  for (const [role, booked, onChain] of await house.mirrors()) expect([role, booked]).toEqual([role, onChain]);
  expect(await balanceOf("chain_transit house")).toBe(0n);
  const { rows } = await house.database.pg.query<{ role: string; rows: string }>(
    "select role, count(*)::text as rows from chain_transactions group by role",
  );
  const { deposits } = house.chain;
  const stored = [...house.embedded.history.transactionsOf(deposits.toRawString(), null)];
  expect(rows.find(({ role }) => role === "deposits")!.rows).toBe(String(stored.length));
}
