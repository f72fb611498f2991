/** A person's coins over HTTP: by the app under its session, by the bot under its key, and by nobody else. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Notice } from "@starai/protocol/notices";
import { CHAIN_TERMS, ChainOverview } from "@starai/protocol/wallet";
import { ChainDoor } from "../chain/chain-door.ts";
import { answerOf } from "../client.ts";
import { wallets } from "../db/schema.ts";
import { storeNotice } from "../notices/store-notice.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { expectBooksRight } from "../testing/books.ts";
import { randomAddress, testChain } from "../testing/coins.ts";
import { fund, whole } from "../testing/money.ts";
import { botOf, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;

beforeAll(async () => {
  stack = await openTestApp();
  stack.ctx.ton.open(testChain());
});
beforeEach(async () => {
  ann = await newPerson(stack);
});
afterAll(async () => {
  await expectBooksRight(stack.ctx.pg);
  await stack[Symbol.asyncDispose]();
});

const overview = async ({ my }: TestPerson) => ChainOverview.parse(await answerOf(() => my.wallet.$get()));
const ask = ({ my }: TestPerson, amount: bigint, id: string = randomUUID()) =>
  answerOf(() => my.payouts.$post({ json: { id, amount: String(amount) } }));

/** Has a wallet whose cool-down is over, and two coins. */
async function bindAndFund({ person: { id } }: TestPerson): Promise<string> {
  const address = randomAddress().toRawString();
  await stack.ctx.db.insert(wallets).values({ person: id, address, payoutsFrom: new Date(0) });
  await fund(stack.ctx, id, { coin: whole(2) });
  return address;
}

describe("the app", () => {
  test("shows somebody new their number and memo, the same every time, and that nothing can be withdrawn", async () => {
    const first = await overview(ann);
    expect(first).toMatchObject({ wallet: null, balance: "0", deposits: [], payouts: [], invoice: null });
    expect(first.withdraw).toMatchObject({ max: "0", blocked: "balance" });
    const again = await overview(ann);
    expect([again.depositNumber, again.memo]).toEqual([first.depositNumber, first.memo]);
    const bob = await overview(await newPerson(stack));
    expect(bob.depositNumber).not.toBe(first.depositNumber);
  });

  test("asks for a withdrawal, sees it, and takes it back", async () => {
    const address = await bindAndFund(ann);
    expect((await overview(ann)).withdraw).toMatchObject({ blocked: null, max: String(whole(2) - 10_000_000n) });
    const id = randomUUID();
    expect(ChainOverview.parse(await ask(ann, whole(1), id)).payouts).toMatchObject([{ id, wallet: address }]);
    await answerOf(() => ann.my.payouts[":id"].cancel.$post({ param: { id } }));
    expect(await overview(ann)).toMatchObject({ balance: String(whole(2)), payouts: [{ state: "cancelled" }] });
    await answerOf(() => ann.my.wallet.$delete());
    expect((await overview(ann)).wallet).toBeNull();
  });

  test("cannot touch what is somebody else's", async () => {
    await bindAndFund(ann);
    const id = randomUUID();
    await ask(ann, whole(1), id);
    const { wallet } = await overview(ann);
    const bob = await newPerson(stack);
    const cancel = () => answerOf(() => bob.my.payouts[":id"].cancel.$post({ param: { id } }));
    await expect(cancel()).rejects.toMatchObject({ status: 404, code: "not_found" });
    const undo = () => answerOf(() => bob.my.wallet[":id"].cancel.$post({ param: { id: wallet!.id } }));
    await expect(undo()).rejects.toMatchObject({ status: 404 });
    expect((await overview(bob)).payouts).toEqual([]);
  });

  test("is refused amounts that are none, proofs that are none, and everything without a session", async () => {
    for (const amount of ["-1", "1.5", "x", "", `9${"0".repeat(40)}`]) {
      const json = { id: randomUUID(), amount };
      await expect(answerOf(() => ann.my.payouts.$post({ json }))).rejects.toMatchObject({ status: 400 });
    }
    const headers = { "content-type": "application/json", authorization: `Bearer ${ann.token}` };
    for (const body of [{}, { address: "x", network: "1", proof: null }, { address: "x".repeat(99) }]) {
      const init = { method: "PUT", headers, body: JSON.stringify(body) };
      expect((await stack.app.request("/api/my/wallet", init)).status).toBe(400);
    }
    for (const [method, path] of [
      ["GET", "wallet"],
      ["DELETE", "wallet"],
      ["POST", "wallet/nonces"],
      ["POST", `payouts/${randomUUID()}/cancel`],
    ] as const)
      expect((await stack.app.request(`/api/my/${path}`, { method })).status).toBe(401);
  });

  test("is told where there is no network that nothing was charged", async () => {
    const { ton } = stack.ctx;
    Object.assign(stack.ctx, { ton: new ChainDoor() });
    const headers = { authorization: `Bearer ${ann.token}` };
    expect(await (await stack.app.request("/api/my/wallet", { headers })).json()).toBeNull();
    await expect(ask(ann, whole(1))).rejects.toMatchObject({ code: "not_configured" });
    Object.assign(stack.ctx, { ton });
  });
});

const listed = async () =>
  (await answerOf(() => botOf(stack).api.notices.$get())).notices.map((one) => Notice.parse(one));

const theirs = async () => (await listed()).filter(({ telegramId }) => telegramId === ann.telegramId);

describe("the bot", () => {
  test("is handed each notice until it has said it, with a link to what was paid", async () => {
    const params = { kind: "payout_paid", amount: "1", wallet: "UQ", transaction: "ab" } as const;
    await storeNotice(stack.ctx.db, { event: `paid ${ann.telegramId}`, person: ann.person.id, params });
    const [notice] = await theirs();
    expect(notice).toMatchObject({ language: "en", coin: "GRAM", params, link: "https://explorer.example/tx/ab" });
    expect(await theirs()).toHaveLength(1);
    for (const _ of [1, 2])
      await answerOf(() => botOf(stack).api.notices[":id"].told.$post({ param: { id: notice!.id } }));
    expect(await theirs()).toEqual([]);
  });

  test("takes back what the person says, and nobody else's", async () => {
    await bindAndFund(ann);
    const id = randomUUID();
    await ask(ann, CHAIN_TERMS.withdrawMin, id);
    const bob = await newPerson(stack);
    const cancel = ({ telegramId }: TestPerson) => {
      const param = { telegramId: String(telegramId), id };
      return answerOf(() => botOf(stack).api.people[":telegramId"].payouts[":id"].cancel.$post({ param }));
    };
    await expect(cancel(bob)).rejects.toMatchObject({ code: "not_found" });
    await cancel(ann);
    expect((await overview(ann)).payouts).toMatchObject([{ id, state: "cancelled" }]);
  });

  test("is refused without its key", async () => {
    expect((await stack.app.request("/api/notices")).status).toBe(401);
    const paths = [
      `notices/${randomUUID()}/told`,
      `people/1/payouts/${randomUUID()}/cancel`,
      `people/1/wallets/${randomUUID()}/cancel`,
    ];
    for (const path of paths) expect((await stack.app.request(`/api/${path}`, { method: "POST" })).status).toBe(401);
  });
});
