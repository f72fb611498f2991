/** Whose wallet it is: proved on the embedded chain, told in the chat, and taken back from there. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import type { NoticeParams } from "@starai/protocol/notices";
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { storeAppeal } from "@starai/server/contributors/appeal";
import { appeals, deposits, people } from "@starai/server/db/schema";
import type { Refusal } from "@starai/server/errors";
import type { AccountKind } from "@starai/server/ledger/rules/account-kinds";
import { storeNotice } from "@starai/server/notices/store-notice";
import { cancelPayout } from "@starai/server/payouts/cancel-payout";
import { chainOverview } from "@starai/server/payouts/chain-overview";
import { requestPayout } from "@starai/server/payouts/request-payout";
import { COINS_NOW, testChain } from "@starai/server/testing/coins";
import { expectBooksRight } from "@starai/server/testing/books";
import { DONE, moveOf } from "@starai/server/testing/ledger";
import { fund, whole } from "@starai/server/testing/money";
import { operatorOver } from "@starai/server/testing/operator";
import { bindWallet, removeWallet } from "@starai/server/wallets/bind-wallet";
import { cancelWalletChange } from "@starai/server/wallets/cancel-wallet-change";
import { makeNonce } from "@starai/server/wallets/nonces";
import { signedProof } from "../../contracts/tests/test-ton-proof.ts";
import type { ProofTerms } from "../../contracts/tests/test-ton-proof.ts";
import { TestTon, personOf as walletOf } from "../src/testing/chain.ts";
import { openBotStack } from "./bot-stack.ts";

let ton: TestTon;
let stack: Awaited<ReturnType<typeof openBotStack>>;
const time = { now: COINS_NOW };
const [DAY, COOL_DOWN, AFTER_CHANGE] = [86_400_000, CHAIN_TERMS.coolDownMs, CHAIN_TERMS.coolDownAfterChangeMs];

beforeAll(async () => {
  ton = await TestTon.open();
  stack = await openBotStack();
  Object.assign(stack.ctx, { clock: () => time.now });
  stack.ctx.ton.open({ ...testChain(ton.client), nowS: () => ton.opened.chain.nowS() });
});
afterAll(async () => {
  await expectBooksRight(stack.ctx.pg);
  await stack[Symbol.asyncDispose]();
  await ton[Symbol.asyncDispose]();
});

/** What they wrote, and what was answered. */
const GREETING = 2;
let users = 100;
let ann: Person;
beforeEach(async () => {
  ann = await newPerson();
});

type Person = Awaited<ReturnType<typeof newPerson>>;

/** Somebody who has opened the chat: a bot cannot write before. */
async function newPerson(language = "en") {
  const user = ++users;
  await stack.say(user, "/start");
  await stack.until(user, (all) => all.length === GREETING);
  const row = { telegramId: user, name: "Ann", language };
  const [person] = await stack.ctx.db.insert(people).values(row).returning({ id: people.id });
  return { user, id: person!.id };
}

/** A wallet as its owner's app shows it. */
const wallet = (name: string) => walletOf(`${ann.user} ${name}`);
const rawOf = ({ wallet: { address } }: ReturnType<typeof walletOf>) => address.toRawString();
const shownOf = ({ wallet: { address } }: ReturnType<typeof walletOf>) =>
  address.toString({ bounceable: false, testOnly: true });

async function proofOf(owner: ReturnType<typeof walletOf>, { id }: Person, terms: Partial<ProofTerms> = {}) {
  const { nonce: payload } = await makeNonce(stack.ctx, id);
  const timestamp = ton.opened.chain.nowS();
  const rules = { networkId: LOCAL_NETWORK_ID, key: owner, domain: "app.example", payload, timestamp };
  return signedProof(owner.wallet, { ...rules, ...terms });
}

async function bind(owner: ReturnType<typeof walletOf>, person: Person = ann) {
  await bindWallet(stack.ctx, person.id, await proofOf(owner, person));
  return (await bound(person))!;
}

const bound = async ({ id }: Person) => (await chainOverview(stack.ctx, id)).wallet;
/** What they were told, once it is this much. */
const chat = async ({ user }: Person, messages: number) =>
  (await stack.until(user, (all) => all.length >= GREETING + messages)).slice(GREETING);
const tap = ({ user }: Person, message: number, button: string) => stack.post("tap", { user, message, button });

test("a proof binds a wallet, paid to after a day; its owner is told, and the same one again changes nothing", async () => {
  const own = await bind(wallet("own"));
  expect(own).toMatchObject({ address: rawOf(wallet("own")), canCancel: false });
  expect(Date.parse(own.payoutsFrom)).toBe(time.now + COOL_DOWN);
  expect(await bind(wallet("own"))).toEqual(own);
  const [told, ...more] = await chat(ann, 1);
  expect(more).toEqual([]);
  expect(told!.text).toContain(`Your wallet is connected:\n${shownOf(wallet("own"))}`);
  expect(told!.text).toContain("Nov 30, 2026, 12:00 PM UTC");
  expect(told!.buttons).toEqual([]);
});

test("a nonce counts once, for its person, and for a quarter of an hour; there are 20 in that time", async () => {
  const proof = await proofOf(wallet("own"), ann);
  const bob = await newPerson();
  await expect(bindWallet(stack.ctx, bob.id, proof)).rejects.toMatchObject({ code: "conflict" });
  await bindWallet(stack.ctx, ann.id, proof);
  await removeWallet(stack.ctx, ann.id);
  await expect(bindWallet(stack.ctx, ann.id, proof)).rejects.toMatchObject({ code: "conflict" });
  const late = await proofOf(wallet("own"), ann);
  time.now += CHAIN_TERMS.nonceMs;
  await expect(bindWallet(stack.ctx, ann.id, late)).rejects.toMatchObject({ code: "conflict" });
  expect(await bound(ann)).toBeNull();
  for (let asked = 0; asked < 20; asked++) await makeNonce(stack.ctx, ann.id);
  await expect(makeNonce(stack.ctx, ann.id)).rejects.toMatchObject({ code: "cap_reached" });
  time.now += CHAIN_TERMS.nonceMs;
  await bind(wallet("own"));
});

test("where the chain does not answer, a proof is not lost: it counts afterwards, and only once", async () => {
  const chain = stack.ctx.ton.get();
  let asked = 0;
  let goDown!: () => void;
  const down = new Promise<never>((_, reject) => (goDown = () => reject(new Error("down"))));
  const getContractState = () => {
    asked++;
    return down;
  };
  const away = Object.assign(Object.create(ton.client), { getContractState }) as typeof ton.client;
  const proof = await proofOf(wallet("own"), ann);
  stack.ctx.ton.open({ ...chain, client: away });
  const first = bindWallet(stack.ctx, ann.id, proof).catch((error: Refusal) => error.code);
  await expect.poll(() => asked).toBe(1);
  // Meanwhile the same one asks the chain nothing.
  await expect(bindWallet(stack.ctx, ann.id, proof)).rejects.toMatchObject({ code: "conflict" });
  goDown();
  expect(await first).toBe("interrupted");
  stack.ctx.ton.open(chain);
  expect([asked, await bound(ann)]).toEqual([1, null]);
  await bindWallet(stack.ctx, ann.id, proof);
  expect(await bound(ann)).toMatchObject({ address: rawOf(wallet("own")) });
  await expect(bindWallet(stack.ctx, ann.id, proof)).rejects.toMatchObject({ code: "conflict" });
});

test("of two proofs with one nonce at once, one counts", async () => {
  const proof = await proofOf(wallet("own"), ann);
  const again = await proofOf(wallet("other"), ann, { payload: proof.proof.payload });
  const both = await Promise.allSettled([proof, again].map((one) => bindWallet(stack.ctx, ann.id, one)));
  expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("a proof for another site, of another network, by another key or too old binds nothing, and says why", async () => {
  const own = wallet("own");
  for (const [terms, words] of [
    [{ domain: "evil.example" }, "another site"],
    [{ networkId: -239 }, "another network"],
    [{ key: wallet("other") }, "not signed with the wallet's key"],
    [{ timestamp: ton.opened.chain.nowS() - 1_000 }, "too old"],
  ] as const) {
    const proof = await proofOf(own, ann, terms);
    await expect(bindWallet(stack.ctx, ann.id, proof)).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining(words),
    });
  }
  expect(await bound(ann)).toBeNull();
});

test("a wallet that is somebody else's is refused, also while it may still come back to them", async () => {
  const bob = await newPerson();
  await bind(wallet("own"));
  const take = async () => bindWallet(stack.ctx, bob.id, await proofOf(wallet("own"), bob));
  await expect(take()).rejects.toMatchObject({ code: "conflict" });
  await bind(wallet("next"));
  await expect(take()).rejects.toMatchObject({ code: "conflict" });
  time.now += AFTER_CHANGE;
  await take();
  expect(await bound(bob)).toMatchObject({ address: rawOf(wallet("own")) });
  expect(await bound(ann)).toMatchObject({ address: rawOf(wallet("next")) });
});

test("a change waits three days; a tap in the chat takes it back, with what was asked to be paid to the new one", async () => {
  await bind(wallet("own"));
  time.now += 2 * DAY;
  await fund(stack.ctx, ann.id, { coin: whole(10) });
  const changed = await bind(wallet("thief's"));
  expect(changed.canCancel).toBe(true);
  expect(Date.parse(changed.payoutsFrom)).toBe(time.now + AFTER_CHANGE);
  const payout = randomUUID();
  await requestPayout(stack.ctx, { person: ann.id, id: payout, amount: whole(9) });
  const [, told, asked] = await chat(ann, 3);
  expect(told!.text).toContain(`Your wallet was changed to:\n${shownOf(wallet("thief's"))}`);
  expect(asked!.text).toContain("You asked to withdraw 9 GRAM");

  await tap(ann, told!.id, en["notice.cancel_change"]);
  const back = (await chat(ann, 4)).at(-1)!;
  expect(back.text).toBe(`The change of your wallet was cancelled. Your wallet is again:\n${shownOf(wallet("own"))}`);
  const { wallet: now, balance, payouts } = await chainOverview(stack.ctx, ann.id);
  expect(now).toMatchObject({ address: rawOf(wallet("own")), canCancel: false });
  expect(Date.parse(now!.payoutsFrom)).toBeLessThan(time.now);
  expect([balance, payouts[0]!.state]).toEqual([String(whole(10)), "cancelled"]);
  expect((await chat(ann, 4))[1]!.buttons).toEqual([]);
});

test("two changes in a row do not push the owner's wallet out, nor does removing it first", async () => {
  await bind(wallet("own"));
  time.now += 2 * DAY;
  await bind(wallet("a"));
  const [first] = await stack.ctx.pg
    .query<{ id: string }>("select id from wallets where address = $1", [rawOf(wallet("a"))])
    .then(({ rows }) => rows);
  await bind(wallet("b"));
  await cancelWalletChange(stack.ctx, ann.id, first!.id);
  expect(await bound(ann)).toMatchObject({ address: rawOf(wallet("own")) });

  await removeWallet(stack.ctx, ann.id);
  const next = await bind(wallet("c"));
  expect(Date.parse(next.payoutsFrom)).toBe(time.now + AFTER_CHANGE);
  await removeWallet(stack.ctx, ann.id);
  await cancelWalletChange(stack.ctx, ann.id, next.id);
  expect(await bound(ann)).toMatchObject({ address: rawOf(wallet("own")) });
});

const Act = fc.oneof(
  fc.record({ kind: fc.constant("bind" as const), name: fc.constantFrom("own", "a", "b", "c") }),
  fc.record({ kind: fc.constant("remove" as const) }),
  fc.record({ kind: fc.constant("wait" as const), hours: fc.nat(8) }),
);

test("law: whatever a thief does with somebody's account in three days, a tap on any of its changes brings the wallet back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Act, { minLength: 1, maxLength: 8 }), fc.nat(), async (acts, tapped) => {
      ann = await newPerson();
      await bind(wallet("own"));
      time.now += 2 * DAY;
      const [changes, paidAtOnce]: [string[], string[]] = [[], []];
      for (const act of acts) {
        if (act.kind === "wait") time.now += act.hours * 3_600_000;
        else if (act.kind === "remove") await removeWallet(stack.ctx, ann.id);
        else {
          const { id, canCancel, payoutsFrom } = await bind(wallet(act.name));
          if (canCancel && !changes.includes(id)) changes.push(id);
          if (act.name !== "own" && Date.parse(payoutsFrom) <= time.now) paidAtOnce.push(act.name);
        }
      }
      expect(paidAtOnce).toEqual([]);
      if (changes.length === 0) return;
      await cancelWalletChange(stack.ctx, ann.id, changes[tapped % changes.length]!);
      expect(await bound(ann)).toMatchObject({ address: rawOf(wallet("own")) });
    }),
    { numRuns: process.env.LONG_TESTS ? 100 : 6 },
  );
});

test("a change is not taken back when its time is over, nor by somebody else", async () => {
  const bob = await newPerson();
  await bind(wallet("own"));
  time.now += 2 * DAY;
  const { id } = await bind(wallet("next"));
  stack.press(bob.user, `wallet:cancel:${id}`);
  await expect.poll(() => stack.tapAnswers().at(-1)).toBe(en["notice.change_too_late"]);
  time.now += AFTER_CHANGE;
  await expect(cancelWalletChange(stack.ctx, ann.id, id)).rejects.toMatchObject({ code: "conflict" });
  expect(await bound(ann)).toMatchObject({ id, canCancel: false });
});

/** Money of nobody's that came from this wallet. */
async function waiting(from: ReturnType<typeof walletOf>, amount: bigint): Promise<void> {
  const account = (kind: AccountKind) => stack.ctx.ledger.openAccount({ asset: "coin", kind, owner: "house" });
  const [source, to] = [await account("chain_deposits"), await account("unmatched")];
  expect(await stack.ctx.ledger.do(moveOf({ from: source, to, amount }))).toEqual(DONE);
  const place = { networkId: LOCAL_NETWORK_ID, account: "0:0", lt: ++lt, hash: Buffer.alloc(32), at: new Date() };
  await stack.ctx.db.insert(deposits).values({ ...place, sender: rawOf(from), amount, state: "unmatched" });
}
let lt = 0n;

test("what came from a wallet as nobody's is its owner's once it is bound, or back; of another it stays nobody's", async () => {
  const balance = async () => (await chainOverview(stack.ctx, ann.id)).balance;
  await waiting(wallet("own"), whole(2));
  await waiting(wallet("other"), whole(7));
  await bind(wallet("own"));
  expect(await balance()).toBe(String(whole(2)));
  await waiting(wallet("own"), whole(1));
  await bind(wallet("own"));
  expect(await balance()).toBe(String(whole(3)));
  const { id } = await bind(wallet("next"));
  await waiting(wallet("own"), whole(1));
  await cancelWalletChange(stack.ctx, ann.id, id);
  expect(await balance()).toBe(String(whole(4)));
  const told = await chat(ann, 6);
  expect(told.filter(({ text }) => /^[21] GRAM arrived and is in your balance\.$/.test(text))).toHaveLength(3);
  const { deposits: listed } = await chainOverview(stack.ctx, ann.id);
  expect(listed.map(({ amount }) => BigInt(amount) / whole(1))).toEqual([1n, 1n, 2n]);
});

test("a wallet with a withdrawal under way is not removed; a tap takes the withdrawal back, and then it is", async () => {
  await bind(wallet("own"));
  await fund(stack.ctx, ann.id, { coin: whole(1) });
  const id = randomUUID();
  await requestPayout(stack.ctx, { person: ann.id, id, amount: whole(1) / 2n });
  await expect(removeWallet(stack.ctx, ann.id)).rejects.toMatchObject({ code: "conflict" });
  const [, asked] = await chat(ann, 2);
  await tap(ann, asked!.id, en["notice.cancel_payout"]);
  await expect.poll(() => stack.tapAnswers().at(-1)).toBe(en["notice.payout_cancelled"]);
  await cancelPayout(stack.ctx, { person: ann.id, id });
  await removeWallet(stack.ctx, ann.id);
  expect(await chainOverview(stack.ctx, ann.id)).toMatchObject({ wallet: null, balance: String(whole(1)) });
  stack.press(ann.user, "payout:cancel:no-id");
  await expect.poll(() => stack.tapAnswers().at(-1)).toBe(en["button.stale"]);
});

const tell = async ({ id }: Person, params: NoticeParams, event: string = randomUUID()) => {
  await storeNotice(stack.ctx.db, { event, person: id, params });
  stack.ctx.changes.emit("bot", { type: "notices" });
};
const untold = async () => (await stack.ctx.pg.query("select 1 from notices where told_at is null")).rows.length;

test("every notice is said once, in the person's language, also those of while the bot was away", async () => {
  const ivan = await newPerson("ru");
  const paid = { kind: "payout_paid", amount: "1500000000", wallet: "UQ<x>", transaction: "ab" } as const;
  await stack.whileBotIsAway(async () => {
    await tell(ivan, { kind: "deposit_checking", amount: "26000000001" });
    await tell(ivan, { kind: "deposit_credited", amount: "26000000001" }, `one ${ivan.user}`);
    await tell(ivan, { kind: "deposit_credited", amount: "26000000001" }, `one ${ivan.user}`);
    await tell(ivan, { kind: "payout_returned", amount: "1500000000" });
    await tell(ivan, paid);
  });
  const told = await chat(ivan, 4);
  await expect.poll(untold).toBe(0);
  // Those of one millisecond have no order.
  expect(told.map(({ text }) => text).sort()).toEqual([
    expect.stringContaining("Вывод 1.5 GRAM вернулся"),
    expect.stringContaining("Для вас пришло 26.000000001 GRAM"),
    "На ваш кошелёк выплачено 1.5 GRAM:\nUQ<x>\nПосмотреть транзакцию",
    "Пришло 26.000000001 GRAM: деньги на балансе.",
  ]);
  expect(JSON.stringify(told)).toContain("https://explorer.example/tx/ab");
  await stack.restartBot();
  expect(await chat(ivan, 4)).toHaveLength(4);
});

test("what a contributor wrote is answered in their chat, with their own words, and each reply once", async () => {
  const { db } = stack.ctx;
  const words = "Why was <my> machine paused?";
  await storeAppeal(stack.ctx, { person: ann.id, worker: null, words });
  const [appeal] = await db.select().from(appeals).where(eq(appeals.person, ann.id));
  const operator = operatorOver(stack.ctx);
  for (const text of ["Its line broke.", "Its line broke.", "It is back."]) {
    await operator("appeal", "reply", appeal!.id, text);
    stack.ctx.changes.emit("bot", { type: "notices" });
    await expect.poll(untold).toBe(0);
  }
  const told = (await chat(ann, 2)).map(({ text }) => text);
  expect(told).toEqual(
    ["Its line broke.", "It is back."].map((reply) =>
      expect.stringContaining(`The operator answers what you wrote:\n${words}\n${reply}\n`),
    ),
  );
});

test("a chat that refuses is not told, and holds up nobody", async () => {
  const bob = await newPerson();
  await stack.post("block", { user: ann.user });
  await tell(ann, { kind: "payout_returned", amount: "1" });
  await tell(bob, { kind: "payout_returned", amount: "1" });
  expect((await chat(bob, 1))[0]!.text).toContain("came back");
  await expect.poll(untold).toBe(0);
});
