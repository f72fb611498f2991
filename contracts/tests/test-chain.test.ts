import { Dictionary, SendMode, beginCell, internal as internalMessage, toNano } from "@ton/core";
import { internal } from "@ton/sandbox";
import { WalletContractV5R1 } from "@ton/ton";
import { describe, expect, test } from "vitest";
import { LOCAL_NETWORK_ID, networkConfig } from "../chain-config/network-config.ts";
import { TestChain } from "./test-chain.ts";

describe("a test chain", () => {
  test("has a network id of its own, so that nothing signed on it is valid on mainnet", async () => {
    const chain = await TestChain.open();
    const params = chain.config.beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
    expect(params.get(19)?.beginParse().loadInt(32)).toBe(LOCAL_NETWORK_ID);
  });

  test.each([
    ["june-2026", 66_667],
    ["before-april-2026", 400_000],
  ] as const)("charges the prices of %s", async (prices, lump) => {
    const chain = await TestChain.open({ prices });
    const [alice, bob] = [await chain.treasury("alice"), await chain.treasury("bob")];
    const books = await chain.openBooks();
    await alice.send({ to: bob.address, value: toNano(1) });
    const sent = books.transactions[0]?.outMessages.get(0)?.info;
    const paid = sent?.type === "internal" ? Number((sent.forwardFee * 3n) / 2n) : 0;
    // A message without references costs the lump alone; a third of it goes to the first validator at once.
    expect(Math.abs(paid - lump)).toBeLessThan(5);
    expect(chain.messagePrice).toBe(BigInt(lump));
    books.close();
  });

  test("its books balance to the nano unit, count what a test injects, and notice a nano unit too many", async () => {
    const chain = await TestChain.open();
    const [alice, bob] = [await chain.treasury("alice"), await chain.treasury("bob")];
    const books = await chain.openBooks();
    await alice.send({ to: bob.address, value: 123_456_789n, sendMode: SendMode.PAY_GAS_SEPARATELY });
    await chain.sendMessage(
      internal({ from: alice.address, to: bob.address, value: 1000n, body: beginCell().endCell() }),
    );
    books.close();
    expect(await books.change(alice.address)).toBeLessThan(-123_456_789n);
    (await chain.getContract(bob.address)).balance += 1n;
    expect(() => books.close()).toThrow("money is not conserved");
  });
});

/** The Ed25519 identity: R = base point and S = 1 is a signature by it under anything, made without a private key. */
const IDENTITY = Buffer.from(`01${"00".repeat(31)}`, "hex");
const ANYBODYS = Buffer.from(`58${"66".repeat(31)}01${"00".repeat(31)}`, "hex");

test("at mainnet's version 14 the emulator still takes signatures of the key 01 00…00, which mainnet refuses", async () => {
  const chain = await TestChain.open();
  chain.setConfig(networkConfig({ globalVersion: 14 }));
  const params = chain.config.beginParse().loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
  expect(params.get(8)!.beginParse().skip(8).loadUint(32)).toBe(14);
  const giver = await chain.treasury("giver");
  const walletId = { networkGlobalId: chain.networkId };
  const wallet = chain.openContract(WalletContractV5R1.create({ publicKey: IDENTITY, walletId }));
  await giver.send({ to: wallet.address, value: toNano(1), bounce: false });
  const body = await wallet.createTransfer({
    seqno: 0,
    timeout: chain.time + 60,
    sendMode: SendMode.PAY_GAS_SEPARATELY,
    messages: [internalMessage({ to: giver.address, value: toNano("0.5") })],
    signer: async () => ANYBODYS,
  });
  await wallet.send(body);
  // An emulator with version 14's rules makes this fail: then the contracts' suite sees them too, and this test can go.
  expect(await wallet.getSeqno()).toBe(1);
});
