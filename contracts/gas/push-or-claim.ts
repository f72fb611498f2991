/** A payout pushed by the operator's wallet beside a claim, at the prices of June 2026. */
import { internal, SendMode, toNano } from "@ton/core";
import type { MessageRelaxed } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";
import { ContributorAccount } from "../wrappers/ContributorAccount.ts";
import { claimBody } from "../wrappers/RewardDistributor.ts";
import { feesOf } from "../tests/test-chain.ts";
import { deepTree, PLENTY, RewardWorld } from "../tests/test-rewards.ts";
import { MILLION_DEEP } from "./measure-rewards.ts";

/** The most messages one transfer of a W5 wallet may send. */
const W5_MESSAGES_MAX = 255;

/** Fees for one payee, nano units, everything but what the payee's wallet does with the money. */
interface PayoutCost {
  way: string;
  fee: bigint;
}

export async function measurePayouts(): Promise<PayoutCost[]> {
  const costs: PayoutCost[] = [];
  for (const payees of [1, 10, W5_MESSAGES_MAX])
    costs.push({ way: `pushed, ${payees} in one transfer`, fee: await pushFee(payees) });
  costs.push({ way: "claimed by the owner at 1,000,000 leaves", fee: await claimFee() });
  return costs;
}

/** The table of contracts/README.md. */
export function payoutTable(costs: readonly PayoutCost[]): string {
  const [batch, claim] = costs.slice(-2).map(({ fee }) => fee);
  return [
    "| one payee is paid | fee | below 1 % of the sum from |",
    "|---|---:|---:|",
    ...costs.map(({ way, fee }) => `| ${way} | ${unit(fee)} | ${unit(100n * fee)} |`),
    "",
    `One claim pays any number of epochs, a push one: a claim costs less than a full batch every epoch from ${claim! / batch! + 1n} epochs on.`,
  ].join("\n");
}

/** A W5 wallet with money on it, and a way to have it send. */
async function openWallet() {
  const world = await RewardWorld.open();
  const { publicKey, secretKey } = keyPairFromSeed(Buffer.alloc(32, 5));
  const walletId = { networkGlobalId: world.chain.networkId };
  const wallet = world.chain.openContract(WalletContractV5R1.create({ publicKey, walletId }));
  await world.stranger.send({ to: wallet.address, value: toNano(1000), bounce: false });
  const send = async (messages: MessageRelaxed[]) => {
    const books = await world.chain.openBooks();
    // W5 requires "ignore errors" of every message that an outside signature orders.
    const sendMode = (SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS) as SendMode;
    const [seqno, timeout] = [await wallet.getSeqno(), world.chain.time + 60];
    await wallet.sendTransfer({ seqno, secretKey, sendMode, timeout, messages });
    return books.transactions;
  };
  // The first transfer deploys the wallet.
  await send([internal({ to: world.stranger.address, value: 1n, bounce: false })]);
  return { world, wallet, send };
}

async function pushFee(payees: number): Promise<bigint> {
  const { world, send } = await openWallet();
  const value = toNano("0.01");
  const messages = Array.from({ length: payees }, () => internal({ to: world.stranger.address, value, bounce: false }));
  const [transfer] = await send(messages);
  if (transfer?.outMessagesCount !== payees) throw new Error(`the wallet sent ${transfer?.outMessagesCount} messages`);
  return feesOf(transfer) / BigInt(payees);
}

async function claimFee(): Promise<bigint> {
  const { world, wallet, send } = await openWallet();
  const { distributor, stranger, chain } = world;
  const account = chain.openContract(
    new ContributorAccount({ owner: wallet.address, distributor: distributor.address }),
  );
  await stranger.send({ to: account.address, value: PLENTY, init: account.init });
  await world.publish(deepTree(wallet.address, toNano(5), MILLION_DEEP));
  const proof = world.tree!.proof(wallet.address.hash);
  const body = claimBody({ owner: wallet.address, deploy: false, proof });
  const transactions = await send([internal({ to: distributor.address, value: PLENTY, body })]);
  if ((await account.getData()).claimed !== toNano(5)) throw new Error("the claim was not paid");
  // The last transaction is the wallet's own, in which it receives the money.
  return transactions.slice(0, -1).reduce((sum, transaction) => sum + feesOf(transaction), 0n);
}

const unit = (nano: bigint): string => (Number(nano) / 1e9).toFixed(6);
