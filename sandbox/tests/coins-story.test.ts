/** Coins from end to end: a wallet is bound, pays in and is paid; the chat tells each step. */
import { randomUUID } from "node:crypto";
import { internal } from "@ton/core";
import { expect, test } from "vitest";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { vaultBody } from "@starai/contracts/Vault";
import { historyPage } from "@starai/server/account/history";
import { people } from "@starai/server/db/schema";
import { handInvoice, makeInvoice } from "@starai/server/deposits/invoices";
import { chainOverview } from "@starai/server/payouts/chain-overview";
import { requestPayout } from "@starai/server/payouts/request-payout";
import { expectBooksRight } from "@starai/server/testing/books";
import { bindWallet } from "@starai/server/wallets/bind-wallet";
import { makeNonce } from "@starai/server/wallets/nonces";
import { watchChain } from "@starai/server/watch-chain";
import { signedProof } from "../../contracts/tests/test-ton-proof.ts";
import { TestTon, personOf as walletOf } from "../src/testing/chain.ts";
import { chainOf } from "../src/ton/chain-of.ts";
import { openBotStack } from "./bot-stack.ts";

const COIN = 10n ** 9n;
const [ANN, DAY_MS] = [42, 86_400_000];

test("coins go in and out, each once, and the chat says so", async () => {
  await using ton = await TestTon.open();
  await using stack = await openBotStack();
  const { ctx } = stack;
  const wait = { ms: 0 };
  Object.assign(ctx, { clock: () => Date.now() + wait.ms });
  const chain = chainOf(await ton.ton.deployment(), ton.opened, { urls: ["http://app.example/"] });
  ctx.ton.open(chain);
  const watch = watchChain(ctx, chain);

  await stack.say(ANN, "/start");
  await stack.until(ANN, (all) => all.length === 2);
  const [row] = await ctx.db.insert(people).values({ telegramId: ANN, name: "Ann" }).returning({ id: people.id });
  const person = row!.id;
  const overview = () => chainOverview(ctx, person);
  const heard = async (words: string) =>
    (await stack.until(ANN, (all) => all.some(({ text }) => text.includes(words)))).find(({ text }) =>
      text.includes(words),
    )!;

  const ann = walletOf("ann");
  await ton.opened.faucet.give(ann.wallet.address, 20n * COIN);
  const { nonce: payload } = await makeNonce(ctx, person);
  const terms = { networkId: LOCAL_NETWORK_ID, key: ann, domain: "app.example", payload, timestamp: chain.nowS() };
  await bindWallet(ctx, person, signedProof(ann.wallet, terms));
  await heard("Your wallet is connected");

  const invoice = await makeInvoice(ctx, person, 5n * COIN);
  await handInvoice(ctx, person, BigInt(invoice.id));
  const { depositNumber } = await overview();
  const body = vaultBody.deposit({ userId: BigInt(depositNumber), queryId: BigInt(invoice.id) });
  await ton.sendFrom(ann, internal({ to: chain.deposits, value: 5n * COIN, bounce: true, body }));
  await heard("5 GRAM arrived and is in your balance.");
  expect(await overview()).toMatchObject({ balance: String(5n * COIN), invoice: { state: "credited" } });
  await stack.say(ANN, "/balance");
  await heard("Prepaid: 5 GRAM");

  wait.ms = DAY_MS;
  await expect.poll(() => ctx.ton.drifted).toBe(false);
  const before = await chain.client.getBalance(ann.wallet.address);
  const id = randomUUID();
  await requestPayout(ctx, { person, id, amount: 2n * COIN });
  await heard("You asked to withdraw 2 GRAM");
  const paid = await heard("2 GRAM was paid to your wallet");
  const { payouts, balance, wallet } = await overview();
  expect(payouts).toMatchObject([{ id, state: "paid", wallet: wallet!.address }]);
  expect(JSON.stringify(paid)).toContain(`http://app.example/ton/#/tx/${payouts[0]!.transaction}`);
  // Her wallet pays for taking it in.
  expect(before + 2n * COIN - (await chain.client.getBalance(ann.wallet.address))).toBeLessThan(1_000_000n);
  expect(BigInt(balance)).toBe(3n * COIN - 10_000_000n);

  const { entries } = await historyPage(ctx, { id: person }, null);
  const changes = Object.fromEntries(entries.map(({ kind, amount }) => [kind, amount]));
  expect(changes).toEqual({ deposit: "5000000000", fee: "-10000000", withdrawal: "-2000000000" });
  await watch.stop();
  await expectBooksRight(ctx.pg);
});
