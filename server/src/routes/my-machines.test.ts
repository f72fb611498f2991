/** A person's machines over HTTP: paired by a code, unpaired by them alone, and the stake behind them. */
import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MyStake, PairingOffer } from "@starai/protocol/contributor";
import { AT_ONCE_MAX } from "../chain/asked-of-chain.ts";
import { ChainDoor } from "../chain/chain-door.ts";
import { answerOf } from "../client.ts";
import { makePairingCode } from "../contributors/pairing-codes.ts";
import { appeals, contributorStakes, wallets, workerBindings, workers } from "../db/schema.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { whole } from "../testing/money.ts";
import { randomAddress, testChain } from "../testing/coins.ts";
import { moveOf } from "../testing/ledger.ts";
import { newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
let bob: TestPerson;

beforeAll(async () => {
  stack = await openTestApp();
});
beforeEach(async () => {
  Object.assign(stack.ctx, { ton: new ChainDoor(), clock: Date.now });
  [ann, bob] = [await newPerson(stack), await newPerson(stack)];
});
afterAll(() => stack[Symbol.asyncDispose]());

/** A machine whose terminal shows a code. */
async function newMachine({ earned = 0n }: { earned?: bigint } = {}): Promise<{ worker: string; code: string }> {
  const worker = randomBytes(32).toString("hex");
  await stack.ctx.db.insert(workers).values({ id: worker, name: "attic", version: "1" });
  if (earned > 0n) {
    const from = await stack.ctx.ledger.openAccount({ asset: "coin", kind: "chain_deposits", owner: "house" });
    const to = await stack.ctx.ledger.openAccount({ asset: "coin", kind: "earner", owner: `worker:${worker}` });
    await stack.ctx.ledger.do(moveOf({ from, to, amount: earned, kind: "topup" }));
  }
  const { code } = await makePairingCode(stack.ctx, worker);
  return { worker, code };
}

const offer = ({ my }: TestPerson, code: string) => answerOf(() => my.machines.offer.$post({ json: { code } }));
const pair = ({ my }: TestPerson, code: string) => answerOf(() => my.machines.$post({ json: { code } }));
const makeCode = ({ my }: TestPerson) => answerOf(() => my.machines.codes.$post());
const unpair = ({ my }: TestPerson, worker: string) =>
  answerOf(() => my.machines[":worker"].$delete({ param: { worker } }));
const ownerOf = async (worker: string) =>
  (await stack.ctx.db.select().from(workerBindings).where(eq(workerBindings.worker, worker)))[0]?.person;

test("a person makes codes for their own machines, each another", async () => {
  const [first, second] = [await makeCode(ann), await makeCode(ann)];
  expect(first.code).toMatch(/^[0-9a-f]{32}$/);
  expect(second.code).not.toBe(first.code);
  expect(Date.parse(first.expiresAt) - Date.now()).toBeGreaterThan(23 * 3_600_000);
  expect(stack.ctx.ownerCodes.find(first.code)?.person).toBe(ann.person.id);
});

describe("a code", () => {
  test("shows the machine with what it earned, and pairs it once the person confirms, however it is typed", async () => {
    const { worker, code } = await newMachine({ earned: whole(2) });
    const offered = PairingOffer.parse(await offer(ann, ` ${code.toLowerCase()} `));
    expect(offered).toEqual({ worker, name: "attic", earned: String(whole(2)) });
    expect(await ownerOf(worker)).toBeUndefined();
    await pair(ann, code);
    expect(await ownerOf(worker)).toBe(ann.person.id);
  });

  test("is used once: sent again by the same person it changes nothing, and another is refused", async () => {
    const { worker, code } = await newMachine();
    await pair(ann, code);
    await pair(ann, code);
    await expect(pair(bob, code)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("unpair"),
    });
    await unpair(ann, worker);
    await expect(pair(ann, code)).rejects.toMatchObject({ code: "conflict" });
    expect(await ownerOf(worker)).toBeNull();
  });

  test("of two people at one moment pairs with one", async () => {
    const { worker, code } = await newMachine();
    const ends = await Promise.allSettled([pair(ann, code), pair(bob, code)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect([ann.person.id, bob.person.id]).toContain(await ownerOf(worker));
  });

  test("is good for ten minutes and no longer", async () => {
    const { code } = await newMachine();
    const later = Date.now() + 10 * 60_000;
    Object.assign(stack.ctx, { clock: () => later });
    await expect(offer(ann, code)).rejects.toMatchObject({ code: "not_found" });
    await expect(pair(ann, code)).rejects.toMatchObject({ code: "not_found" });
  });

  test("of a machine that is somebody's does not pair it; unpaired, its own new code does", async () => {
    const { worker, code } = await newMachine();
    await pair(bob, code);
    const after = Date.now() + 11_000;
    Object.assign(stack.ctx, { clock: () => after });
    const second = (await makePairingCode(stack.ctx, worker)).code;
    await expect(offer(ann, second)).rejects.toMatchObject({ code: "conflict" });
    await expect(pair(ann, second)).rejects.toMatchObject({ code: "conflict" });
    expect(await ownerOf(worker)).toBe(bob.person.id);
    await unpair(bob, worker);
    await pair(ann, second);
    expect(await ownerOf(worker)).toBe(ann.person.id);
  });

  test("pairs its own machine and no other", async () => {
    const [one, other] = [await newMachine(), await newMachine()];
    await pair(ann, one.code);
    expect(await ownerOf(one.worker)).toBe(ann.person.id);
    expect(await ownerOf(other.worker)).toBeUndefined();
  });

  test("is not found by trying: after five wrong ones even the right one waits, for that person alone", async () => {
    const { worker, code } = await newMachine();
    for (let tried = 0; tried < 5; tried++)
      await expect(offer(ann, "00000000")).rejects.toMatchObject({ code: "not_found" });
    await expect(offer(ann, code)).rejects.toMatchObject({ code: "cap_reached" });
    await expect(pair(ann, code)).rejects.toMatchObject({ code: "cap_reached" });
    await pair(bob, code);
    expect(await ownerOf(worker)).toBe(bob.person.id);
  });

  test("that was right does not count, and tries at one moment do", async () => {
    const { code } = await newMachine();
    for (let looked = 0; looked < 8; looked++) await offer(ann, code);
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => offer(ann, "00000000")));
    const codes = ends.map((end) => (end.status === "rejected" ? (end.reason as { code: string }).code : "found"));
    expect(codes.filter((one) => one === "not_found")).toHaveLength(5);
    expect(codes.filter((one) => one === "cap_reached")).toHaveLength(15);
  });

  test("that is none is refused without a try", async () => {
    for (const code of ["", "ABCD", "ABCD-EFGI", "O0000000", "1".repeat(10_000)])
      await expect(offer(ann, code)).rejects.toMatchObject({ code: "invalid_request" });
  });
});

test("only its owner unpairs a machine in the app", async () => {
  const { worker, code } = await newMachine();
  await pair(ann, code);
  await expect(unpair(bob, worker)).rejects.toMatchObject({ code: "not_found" });
  expect(await ownerOf(worker)).toBe(ann.person.id);
  await unpair(ann, worker);
  expect(await ownerOf(worker)).toBeNull();
  await expect(unpair(ann, worker)).rejects.toMatchObject({ code: "not_found" });
});

test("somebody who is forgotten has no machines any more, and what those earned stays with them", async () => {
  const { worker, code } = await newMachine({ earned: whole(1) });
  await pair(ann, code);
  await stack.ctx.db.insert(appeals).values({ person: ann.person.id, worker, words: "It was my cat." });
  await expect(answerOf(() => ann.my.data.$delete({ query: {} }))).rejects.toMatchObject({
    message: expect.stringContaining("that your machines earned"),
  });
  await answerOf(() => ann.my.data.$delete({ query: { money: "give_up" } }));
  expect(await stack.ctx.db.$count(appeals)).toBe(0);
  expect(await ownerOf(worker)).toBeNull();
  const after = Date.now() + 11_000;
  Object.assign(stack.ctx, { clock: () => after });
  const { code: again } = await makePairingCode(stack.ctx, worker);
  expect((await offer(bob, again)).earned).toBe(String(whole(1)));
});

test("nobody without a session pairs, unpairs or sees a stake", async () => {
  const asked = [
    ["POST", "/api/my/machines/offer"],
    ["POST", "/api/my/machines"],
    ["DELETE", `/api/my/machines/${"00".repeat(32)}`],
    ["GET", `/api/my/machines/${"00".repeat(32)}/record`],
    ["GET", "/api/my/slashes/00000000-0000-4000-8000-000000000000/evidence"],
    ["GET", "/api/my/stake"],
  ] as const;
  for (const [method, path] of asked)
    expect((await stack.app.request(path, { method })).status, `${method} ${path}`).toBe(401);
});

const stakeOf = ({ my }: TestPerson) => answerOf(() => my.stake.$get(), { patienceMs: 0 });

describe("a stake", () => {
  test("is null without a chain, and has no account without a wallet", async () => {
    expect(await stakeOf(ann)).toBeNull();
    stack.ctx.ton.open(testChain());
    expect(MyStake.parse(await stakeOf(ann))).toMatchObject({ wallet: null, machines: 0, stake: null });
  });

  test("is shown as it was last seen while the chain does not answer, with its time; never seen, it says so", async () => {
    stack.ctx.ton.open(testChain());
    const wallet = randomAddress().toRawString();
    await stack.ctx.db.insert(wallets).values({ person: ann.person.id, address: wallet, payoutsFrom: new Date(0) });
    await expect(stakeOf(ann)).rejects.toMatchObject({ code: "interrupted" });
    const seenAt = new Date(Date.now() - 3_600_000);
    await stack.ctx.db
      .insert(contributorStakes)
      .values({ wallet, account: wallet, stake: whole(10), unbonding: 3n, unbondAt: seenAt, seenAt });
    const [one, other] = [await newMachine(), await newMachine()];
    await pair(ann, one.code);
    await pair(ann, other.code);
    const seen = MyStake.parse(await stakeOf(ann));
    expect(seen).toMatchObject({ wallet, machines: 2 });
    expect(seen.stake).toMatchObject({ stake: String(whole(10)), perMachine: String(whole(5)), unbonding: "3" });
    expect(seen.stake?.seenAt).toBe(seenAt.toISOString());
    // By an old look nothing that was asked of a wallet may be taken for expired.
    expect(seen.nowS * 1_000).toBeLessThanOrEqual(seenAt.getTime());
    expect(Date.parse(seen.answeredAt)).toBeGreaterThan(seenAt.getTime());
  });

  test("and a claim are refused while many people ask the chain, which then is asked nothing", async () => {
    const chain = testChain();
    stack.ctx.ton.open(chain);
    Object.assign(chain, { client: null });
    const wallet = randomAddress().toRawString();
    await stack.ctx.db.insert(wallets).values({ person: ann.person.id, address: wallet, payoutsFrom: new Date(0) });
    for (let asked = 0; asked < AT_ONCE_MAX; asked++)
      void stack.ctx.ton.asked.once(
        { person: `other ${asked}`, question: `other ${asked}`, nowMs: stack.ctx.clock() },
        () => new Promise(() => {}),
      );
    await expect(stakeOf(ann)).rejects.toMatchObject({ code: "queue_full" });
    await expect(answerOf(() => ann.my.claim.$get())).rejects.toMatchObject({ code: "queue_full" });
  });
});
