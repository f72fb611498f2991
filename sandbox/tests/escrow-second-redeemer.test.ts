/** Vouchers are copied, and redeemed by somebody who has the copies and the chain, while every server of ours is down. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { serve } from "@hono/node-server";
import { mnemonicNew, mnemonicToPrivateKey } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { run } from "@starai/contracts/cli";
import { readOperatorCommand } from "@starai/server/operator/operator-command";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse } from "../src/testing/escrow-house.ts";

let house: EscrowHouse;
let folder: string;

beforeAll(async () => {
  house = await openEscrowHouse();
  folder = await mkdtemp(path.join(os.tmpdir(), "starai-vouchers-"));
});
afterEach(() => house.expectRight());
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function operator(...words: string[]): Promise<string> {
  const said: string[] = [];
  const asked = readOperatorCommand(words)!;
  await asked.command.run(house.ctx, asked.words, (line) => void said.push(line));
  return said.join("\n");
}

/** `npm run ton -- watch --once` with a wallet of its own, over a port of its own. */
async function redeemAlone(escrow: string): Promise<string> {
  const words = await mnemonicNew(24);
  const { publicKey } = await mnemonicToPrivateKey(words);
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: LOCAL_NETWORK_ID } });
  await house.faucet.give(wallet.address, coins(5));
  const port = serve({ fetch: house.test.opened.routes.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise((listening) => port.once("listening", listening));
  const endpoint = `http://127.0.0.1:${(port.address() as AddressInfo).port}/ton/api/v2/jsonRPC`;
  try {
    const said: string[] = [];
    const asked = ["watch", "--once", "--escrow", escrow, "--vouchers", folder, "--endpoint", endpoint];
    const memory = ["--memory", path.join(folder, "memory")];
    await run([...asked, ...memory], { TON_MNEMONIC: words.join(" ") }, (line) => void said.push(line));
    return said.join("\n");
  } finally {
    await new Promise((closed) => port.close(closed));
  }
}

test("vouchers that were copied are redeemed without us, and the books have the payment afterwards", async () => {
  const ann = await house.keeper("copied");
  await ann.sign(coins(0.03));
  await ann.sign(coins(0.07));
  await ann.answer(coins(0.06));
  expect(await operator("vouchers", "--to", folder)).toMatch(/^1 vouchers are in /);
  expect(await readdir(folder)).toEqual([`${ann.address.slice(2)}.json`]);
  expect(await redeemAlone(ann.address)).toMatch(/redeemed/);
  expect((await ann.escrow.getState()).settled).toBe(coins(0.07));
  await house.read();
  await house.watch();
  const balances = await house.balances();
  expect(balances[`receivable escrow:${ann.address.slice(2)}`]).toBeUndefined();
  expect(balances[`escrow escrow:${ann.address.slice(2)}`]).toBe(coins(0.01));
});

test("without a folder the command says where to name one", async () => {
  await expect(operator("vouchers")).rejects.toThrow(/vouchers --to FOLDER/);
});
