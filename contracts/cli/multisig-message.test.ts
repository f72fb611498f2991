import {
  Address,
  beginCell,
  Dictionary,
  internal,
  loadMessageRelaxed,
  SendMode,
  storeMessageRelaxed,
  toNano,
} from "@ton/core";
import { expect, test } from "vitest";
import { vaultBody } from "../wrappers/Vault.ts";
import { messageInWords } from "./message-words.ts";
import { newOrderBody, orderOf, readOrder } from "./multisig-message.ts";

const VAULT = new Address(0, Buffer.alloc(32, 7));
const OTHER = new Address(0, Buffer.alloc(32, 8));

test("an order is one message from the multisig's balance, in the layout of multisig-v2.1", () => {
  const order = orderOf({ to: VAULT, value: toNano("0.02"), body: vaultBody.stopHot(), contracts: [] });
  const actions = Dictionary.loadDirect(Dictionary.Keys.Uint(8), Dictionary.Values.Cell(), order);
  expect(actions.keys()).toEqual([0]);
  const action = actions.get(0)!.beginParse();
  expect([action.loadUint(32), action.loadUint(8)]).toEqual([0xf1381e5b, 1]);
  const message = loadMessageRelaxed(action.loadRef().beginParse());
  expect(message.info).toMatchObject({ type: "internal", bounce: true, value: { coins: toNano("0.02") } });
  expect(message.info.dest?.toString()).toBe(VAULT.toString());
  expect(message.body.equals(vaultBody.stopHot())).toBe(true);

  const body = newOrderBody({ signer: true, index: 2, expiresAt: 1_790_000_000, order }).beginParse();
  expect([body.loadUint(32), body.loadUintBig(64)]).toEqual([0xf718510f, 0n]);
  expect(body.loadUintBig(256)).toBe(2n ** 256n - 1n); // The next order, whichever it is.
  expect([body.loadBit(), body.loadUint(8), body.loadUint(48)]).toEqual([true, 2, 1_790_000_000]);
  expect(body.loadRef().equals(order)).toBe(true);
  body.endParse();
});

test("an order is read back as the message it sends; what does anything else is not", () => {
  const order = orderOf({ to: VAULT, value: toNano("0.02"), body: vaultBody.stopHot(), contracts: [] });
  const body = newOrderBody({ signer: false, index: 0, expiresAt: 1_790_000_000, order });
  expect(messageInWords({ to: OTHER, value: 1n, body })).toEqual([
    expect.stringContaining(OTHER.toString()),
    expect.any(String),
    expect.stringContaining("order of a multisig"),
    `  To          ${VAULT.toString()}`,
    "  Amount      0.02 GRAM",
    "  Message     StopHot (vault)",
  ]);
  const update = beginCell().storeUint(0x1d0cfbd3, 32).storeUint(1, 8).endCell();
  const actions = Dictionary.empty(Dictionary.Keys.Uint(8), Dictionary.Values.Cell()).set(0, update);
  const other = newOrderBody({
    signer: true,
    index: 0,
    expiresAt: 1,
    order: beginCell().storeDictDirect(actions).endCell(),
  });
  for (const unknown of [other, beginCell().storeUint(0xf718510f, 32).endCell()]) {
    expect(readOrder(unknown)).toBeNull();
    expect(messageInWords({ to: OTHER, value: 1n, body: unknown }).at(-1)).toContain("not one of our contracts'");
  }
});

test.each([
  ["all of the balance", SendMode.CARRY_ALL_REMAINING_BALANCE],
  ["the rest of what came", SendMode.CARRY_ALL_REMAINING_INCOMING_VALUE],
])("an order that sends %s is not read as its message's amount", (_, mode) => {
  const message = beginCell().store(
    storeMessageRelaxed(internal({ to: VAULT, value: toNano("0.02"), body: vaultBody.stopHot() })),
  );
  const action = beginCell().storeUint(0xf1381e5b, 32).storeUint(mode, 8).storeRef(message).endCell();
  const actions = Dictionary.empty(Dictionary.Keys.Uint(8), Dictionary.Values.Cell()).set(0, action);
  const order = beginCell().storeDictDirect(actions).endCell();
  expect(readOrder(newOrderBody({ signer: true, index: 0, expiresAt: 1, order }))).toBeNull();
});

test("a comment is shown without what a terminal would obey", () => {
  const body = beginCell().storeUint(0, 32).storeStringTail("approve\u001b[2J").endCell();
  expect(messageInWords({ to: OTHER, value: 1n, body }).at(-1)).toBe('Message     the comment "approve\\u001b[2J"');
  expect(messageInWords({ to: OTHER, value: 1n, body: null }).at(-1)).toBe("Message     none, only money");
});
