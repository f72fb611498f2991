import { Address, Dictionary, loadMessageRelaxed, toNano } from "@ton/core";
import { expect, test } from "vitest";
import { vaultBody } from "../wrappers/Vault.ts";
import { newOrderBody, orderOf } from "./multisig-order.ts";

const VAULT = new Address(0, Buffer.alloc(32, 7));

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
