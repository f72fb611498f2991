/** What goes wrong between an epoch's close and its claims, on the embedded chain: crashes, an outage, a pool without coins. Nothing is sent twice and nobody loses anything. */
import type { Pool, QueryConfig } from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { pinHome } from "@starai/server/chain/home";
import { connect } from "@starai/server/db/open-database";
import { drizzleOver } from "@starai/server/db/drizzle-over";
import { publishRound } from "@starai/server/earnings/publish-epoch";
import { publisherOf } from "@starai/server/earnings/publisher";
import { payOut } from "@starai/server/payouts/hot/pay-out";
import { settle } from "@starai/server/settlement/settle";
import { expectBooksRight } from "@starai/server/testing/books";
import { testChain } from "@starai/server/testing/coins";
import { Crash, CrashingPool } from "@starai/server/testing/crashing-pool";
import { operatorOver } from "@starai/server/testing/operator";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import { epochEarners } from "./epoch-earners.ts";
import type { Earner } from "./epoch-earners.ts";
import { epochSteps } from "./epoch-steps.ts";

const COIN = 10n ** 9n;
const HOUR_MS = 3_600_000;
/** Of one round; it has fewer. */
const STATEMENTS_MAX = 40;
const never = new AbortController().signal;

let house: ChainHouse;
let parts: Parameters<typeof publishRound>[1];
let ann: Earner;
const { payIn, earnerOf, earn } = epochEarners(() => house);
const { see, aDayLater, close, round, publish, leafOf, claimed, unclaimed } = epochSteps(
  () => house,
  () => parts,
);

beforeAll(async () => {
  house = await openChainHouse({ chain: { network: "sandbox" } });
  const { ctx, chain } = house;
  await pinHome(ctx, chain);
  parts = { chain, publisher: publisherOf(chain), proofs: ctx.proofs };
  ann = await earnerOf((await house.rich("Ann", COIN)).wallet.address);
  await payIn(1_500n * COIN);
}, 120_000);
afterEach(expectRight);
afterAll(async () => {
  await house.ctx.proofs[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

async function expectRight(): Promise<void> {
  await house.look();
  await expectBooksRight(house.ctx.pg);
  for (const [role, booked, there] of await house.mirrors()) expect([role, booked]).toEqual([role, there]);
  expect(await unclaimed(ann.address)).toBe((await leafOf(ann.address)) - (await claimed(ann.address)));
}

let kills = 0;
const sentByPublisher = () => house.chain.client.open(house.roles.publisher.wallet).getSeqno();

/** A server that is killed at this statement of a round, or does all of it. What it remembered is gone with it. */
async function killedAt(statement: number): Promise<string> {
  const { ctx, chain } = house;
  const { host, port, user, password, database } = ctx.pg.options;
  const opened = connect({ host, port, user, password, database }, ctx.log, async () => undefined);
  const crashing = new CrashingPool(opened.pg);
  crashing.after = statement;
  const server = { ...ctx, pg: crashing.pool, db: drizzleOver(onConnections(crashing.pool)) };
  try {
    return await publishRound(
      server,
      { ...parts, publisher: publisherOf(chain) },
      { seen: await see(), signal: never },
    );
  } catch (error) {
    if (!(((error as Error).cause ?? error) instanceof Crash)) throw error;
    kills++;
    return "killed";
  } finally {
    await opened.close();
    await house.embedded.settled();
    await house.look();
  }
}

/** Its single statements break off as well: each has a connection of its own. */
function onConnections(pool: Pool): Pool {
  const query = async (asked: QueryConfig, values: unknown[]) => {
    const client = await pool.connect();
    try {
      return await client.query(asked, values);
    } finally {
      client.release();
    }
  };
  return new Proxy(pool, { get: (target, name) => (name === "query" ? query : Reflect.get(target, name, target)) });
}

/** Killed at each statement in turn, until one server had no statement left to be killed at. */
async function underKills(): Promise<string> {
  for (let statement = 0; statement < STATEMENTS_MAX; statement++) {
    const done = await killedAt(statement);
    if (done !== "killed") return done;
  }
  throw new Error("a round has more statements than it may have");
}

test("a server that is killed at each statement between an epoch's close and its claim proposes, opens and claims once", async () => {
  await earn(ann, 2n * COIN);
  aDayLater();
  expect(await close()).toEqual({ number: 1, released: 2n * COIN });
  const before = await sentByPublisher();
  const seen = [await underKills(), await underKills(), await underKills()];
  aDayLater();
  for (let step = 0; step < 3; step++) seen.push(await underKills());
  expect(seen.at(-1)).toBe("done");
  expect((await sentByPublisher()) - before).toBe(3);
  expect(await claimed(ann.address)).toBe(2n * COIN);
  expect(kills).toBeGreaterThan(20);
}, 120_000);

test("a chain that is down for an hour before each step stops it, and it goes on where it was", async () => {
  await earn(ann, COIN);
  const client = testChain().client;
  const dead = { ...parts, chain: { ...house.chain, client }, publisher: publisherOf({ ...house.chain, client }) };
  const outage = async () => {
    const seen = await see();
    await expect(publishRound(house.ctx, dead, { seen, signal: never })).rejects.toThrow(
      /ECONNREFUSED|does not answer|fetch failed|Network/i,
    );
    house.test.opened.clock.advance(HOUR_MS);
  };
  const before = await sentByPublisher();
  expect(await close()).toEqual({ number: 2, released: COIN });
  expect(await round()).toBe("write_file");
  await outage();
  expect(await round()).toBe("propose");
  aDayLater();
  await outage();
  expect(await round()).toBe("activate");
  expect(await round()).toBe("claims");
  expect((await sentByPublisher()) - before).toBe(3);
  expect(await claimed(ann.address)).toBe(3n * COIN);
}, 120_000);

test("a root is not opened while the pool could not pay it, whoever waits; it is once the day's settlement brought the rest", async () => {
  await earn(ann, 600n * COIN);
  aDayLater();
  expect(await close()).toEqual({ number: 3, released: 600n * COIN });
  await publish();
  expect(await round()).toBe("claims");
  await earn(ann, 600n * COIN);
  aDayLater();
  expect(await close()).toEqual({ number: 4, released: 600n * COIN });
  expect([await round(), await round(), await round()]).toEqual(["write_file", "propose", "wait"]);
  aDayLater();
  expect(await round()).toBe("pool");
  const { ctx, chain } = house;
  const operator = operatorOver({ db: ctx.db, pg: ctx.pg, tonClient: () => chain.client });
  expect(await operator("epochs")).toMatch(/The pool lacks 20\d\.\d+ coins/);
  expect(await claimed(ann.address)).toBe(603n * COIN);
  await settle(ctx, chain, never);
  await payOut(ctx, chain, { halted: false });
  await house.embedded.settled();
  await house.look();
  expect([await round(), await round()]).toEqual(["activate", "claims"]);
  expect(await claimed(ann.address)).toBe(1_203n * COIN);
}, 120_000);
