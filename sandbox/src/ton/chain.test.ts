import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Address } from "@ton/core";
import { beginCell, contractAddress, external, internal, SendMode, toNano } from "@ton/core";
import { WalletContractV4 } from "@ton/ton";
import { afterAll, beforeAll, expect, test } from "vitest";
import { personOf, TestTon } from "../testing/chain.ts";

let ton: TestTon;
beforeAll(async () => {
  ton = await TestTon.open();
});
afterAll(() => ton[Symbol.asyncDispose]());

type Person = ReturnType<typeof personOf>;

/** A signed W5 transfer, as a wallet app would make it. */
function transfer(from: Person, seqno: number, to: Address, value: bigint, comment = "") {
  const timeout = ton.opened.chain.nowS() + 60;
  const messages = [internal({ to, value, bounce: false, body: comment })];
  return from.wallet.createTransfer({
    seqno,
    timeout,
    messages,
    secretKey: from.secretKey,
    sendMode: SendMode.PAY_GAS_SEPARATELY,
  });
}

async function funded(word: string, amount = "10"): Promise<Person> {
  const person = personOf(word);
  const answer = await ton.post("/faucet", {
    address: person.wallet.address.toString(),
    amount: toNano(amount).toString(),
  });
  expect(answer.status).toBe(200);
  return person;
}

async function historyOf(address: Address) {
  const all = [];
  let from: { lt: string; hash: string } | undefined;
  for (;;) {
    const page = await ton.client.getTransactions(address, { limit: 7, ...from });
    all.push(...page);
    const last = page.at(-1);
    if (!last) return all;
    from = { lt: last.lt.toString(), hash: last.hash().toString("base64") };
  }
}

test("an unmodified TonClient deploys a W5 wallet, pays with a comment, and a replay is refused with 133", async () => {
  const ann = await funded("ann");
  const bob = personOf("bob").wallet.address;
  const wallet = ton.client.open(ann.wallet);
  expect(await ton.client.isContractDeployed(ann.wallet.address)).toBe(false);

  const payment = transfer(ann, 0, bob, toNano(1), "for the pizza");
  const fees = await ton.client.estimateExternalMessageFee(ann.wallet.address, {
    body: payment,
    initCode: ann.wallet.init.code,
    initData: ann.wallet.init.data,
    ignoreSignature: true,
  });
  await wallet.send(payment);
  await ton.opened.chain.settled();

  expect(await wallet.getSeqno()).toBe(1);
  expect(await ton.client.getBalance(bob)).toBe(toNano(1));
  const { in_fwd_fee, storage_fee, gas_fee, fwd_fee } = fees.source_fees;
  const paid = toNano(9) - (await ton.client.getBalance(ann.wallet.address));
  // Storage is charged by the second, so the time between estimate and payment costs a few nano units.
  expect(Math.abs(Number(paid) - (in_fwd_fee + storage_fee + gas_fee + fwd_fee))).toBeLessThan(100);

  const [received] = await ton.client.getTransactions(bob, { limit: 1 });
  expect(received!.inMessage!.body.beginParse().skip(32).loadStringTail()).toBe("for the pizza");
  const before = ton.opened.chain.history.transactionCount;
  await expect(wallet.send(payment)).rejects.toThrow(/cannot apply external message[^]*exitcode=133/);
  expect(ton.opened.chain.history.transactionCount).toBe(before);
});

test("a V4 wallet deploys, and a get method takes a slice", async () => {
  const { wallet, secretKey } = personOf("vera");
  const vera = WalletContractV4.create({ workchain: 0, publicKey: wallet.publicKey });
  await ton.post("/faucet", { address: vera.address.toString(), amount: toNano(5).toString() });
  const opened = ton.client.open(vera);
  await opened.sendTransfer({
    seqno: 0,
    secretKey,
    timeout: ton.opened.chain.nowS() + 60,
    messages: [internal({ to: personOf("bob").wallet.address, value: toNano(1), bounce: false })],
  });
  expect(await opened.getSeqno()).toBe(1);
  const { stack } = await ton.client.runMethod(vera.address, "is_plugin_installed", [
    { type: "int", value: 0n },
    { type: "int", value: BigInt(`0x${"f".repeat(64)}`) },
  ]);
  expect(stack.readBoolean()).toBe(false);
  const slice = beginCell().storeAddress(vera.address).endCell();
  const refused = await ton.client.runMethodWithError(vera.address, "seqno", [{ type: "slice", cell: slice }]);
  expect(refused.exit_code).toBe(0);
  const nobody = contractAddress(0, { code: slice, data: slice });
  await expect(ton.client.runMethod(nobody, "seqno")).rejects.toThrow(/exit_code: -13/);
});

test("history is paged by (lt, hash), every transaction once, also after a restart in the middle", async () => {
  const carl = await funded("carl", "100");
  for (let seqno = 0; seqno < 28; seqno++) {
    await ton.client
      .open(carl.wallet)
      .send(transfer(carl, seqno, personOf("bob").wallet.address, 1_000n + BigInt(seqno)));
    if (seqno === 14) await ton.reopen();
  }
  const all = await historyOf(carl.wallet.address);
  expect(all).toHaveLength(29);
  expect(new Set(all.map((transaction) => transaction.hash().toString("hex"))).size).toBe(29);
  all.slice(1).forEach((older, index) => {
    expect(all[index]!.prevTransactionLt).toBe(older.lt);
    expect(all[index]!.prevTransactionHash.toString(16).padStart(64, "0")).toBe(older.hash().toString("hex"));
  });
});

test("the blocks list every transaction, and each message's sender and receiver can be located", async () => {
  const { chain } = ton.opened;
  await chain.settled();
  const { latestSeqno, initSeqno } = await ton.client.getMasterchainInfo();
  const met = new Set<string>();
  for (let seqno = initSeqno; seqno <= latestSeqno; seqno++)
    for (const shard of await ton.client.getWorkchainShards(seqno))
      for (const { hash } of await ton.client.getShardTransactions(shard.workchain, shard.seqno, shard.shard))
        met.add(hash);
  expect(met.size).toBe(chain.history.transactionCount);

  const [received] = await ton.client.getTransactions(personOf("bob").wallet.address, { limit: 1 });
  const { info } = received!.inMessage!;
  if (info.type !== "internal") throw new Error("expected an internal message");
  const sent = await ton.client.tryLocateSourceTx(info.src, info.dest, info.createdLt.toString());
  expect(sent.lt).toBe(info.createdLt - 1n);
  const result = await ton.client.tryLocateResultTx(info.src, info.dest, info.createdLt.toString());
  expect(result.hash()).toEqual(received!.hash());
  const elsewhere = personOf("carl").wallet.address;
  await expect(ton.client.tryLocateResultTx(info.src, elsewhere, info.createdLt.toString())).rejects.toThrow(
    /not found/,
  );
});

test("a flood of get methods is rejected as busy and stops neither a payment nor its delivery", async () => {
  const fay = await funded("fay");
  const gil = personOf("gil").wallet.address;
  const { chain, roles } = ton.opened;
  const ask = () => chain.method(roles.faucet.wallet.address, 0x14c97, []);
  let turnedAway = 0;
  const paid = new AbortController();
  const loop = async () => {
    while (!paid.signal.aborted)
      await ask().catch(() => {
        turnedAway += 1;
        return new Promise((next) => setTimeout(next, 20));
      });
  };
  const loops = Array.from({ length: 110 }, loop);
  await chain.send(external({ to: fay.wallet.address, init: fay.wallet.init, body: transfer(fay, 0, gil, toNano(1)) }));
  await chain.settled();
  // An HTTP client gets toncenter's 429 and may retry.
  const params = { address: roles.faucet.wallet.address.toString(), method: "seqno", stack: [] };
  const question = () => ton.post("/api/v2/jsonRPC", { id: 1, method: "runGetMethod", params });
  const asked = await Promise.all(Array.from({ length: 20 }, question));
  expect(new Set(asked.map(({ status }) => status))).toContain(429);
  paid.abort();
  await Promise.all(loops);
  expect(turnedAway).toBeGreaterThan(0);
  expect(await ton.client.getBalance(gil)).toBe(toNano(1));
});

test("time moves forward for contracts and stays moved after a restart; it cannot move back", async () => {
  const before = ton.opened.chain.nowS();
  const moved = await ton.post("/time", { advanceS: 7 * 86_400 });
  expect(moved.status).toBe(200);
  expect(ton.opened.chain.nowS()).toBeGreaterThanOrEqual(before + 7 * 86_400);
  const dora = await funded("dora");
  const [gift] = await ton.client.getTransactions(dora.wallet.address, { limit: 1 });
  expect(gift!.now).toBeGreaterThanOrEqual(before + 7 * 86_400);
  await ton.reopen();
  expect(ton.opened.chain.nowS()).toBeGreaterThanOrEqual(gift!.now);
  for (const advanceS of [-1, 0, 0.5, 1e12, "60", null])
    expect((await ton.post("/time", { advanceS })).status).toBe(422);
});

test("a torn last record is dropped and kept in a file; the chain continues from the block before", async () => {
  const eve = await funded("eve");
  const { transactionCount, lastBlock } = ton.opened.chain.history;
  await ton.close();
  const file = path.join(ton.folder, "chain.log");
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 100);
  await ton.reopen();
  expect(ton.opened.chain.history.lastBlock.seqno).toBe(lastBlock.seqno - 1);
  // The lost block's message was sent in the block before it, so it is delivered again.
  await ton.opened.chain.settled();
  expect(ton.opened.chain.history.transactionCount).toBe(transactionCount);
  expect(await ton.client.getBalance(eve.wallet.address)).toBe(toNano(10));
  expect(statSync(`${file}.torn`).size).toBeGreaterThan(0);
});

test("damage in the middle throws, and nothing is cut off", async () => {
  await ton.close();
  const file = path.join(ton.folder, "chain.log");
  const whole = readFileSync(file);
  const damaged = Buffer.from(whole);
  damaged.writeUInt8(damaged.readUInt8(5_000) ^ 1, 5_000);
  writeFileSync(file, damaged);
  await expect(ton.reopen()).rejects.toThrow(/damaged at byte/);
  expect(readFileSync(file)).toEqual(damaged);
  writeFileSync(file, whole);
  await ton.reopen();
});
