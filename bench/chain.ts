/** Compares the embedded chain with @ton/sandbox: one wallet's transfers, singly and batched; then a restart. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { external, internal, SendMode } from "@ton/core";
import type { Message } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { Blockchain, createShardAccount } from "@ton/sandbox";
import { WalletContractV5R1 } from "@ton/ton";
import { LOCAL_NETWORK_ID, networkConfig } from "@starai/contracts/chain-config";
import { Chain } from "@starai/sandbox/chain";
import { median } from "./median.ts";

const NOW_S = 1_790_000_000;
const SINGLES = 100;
/** One external, a hundred messages, a hundred deliveries. */
const BATCH = 100;
const BATCHES = 10;
const TRANSACTIONS = 10_000;
const OPENINGS = 5;

export async function measureChain(): Promise<string[]> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  try {
    const file = path.join(folder, "chain.log");
    const ours = await measureOurs(file);
    const sandbox = await measureSandbox();
    const { openMs, bytes, transactions } = await measureOpening(file);
    return [
      `W5 transfers at June-2026 prices. Ours: every block on the disk (fsync) before its sender is told. Sandbox: Blockchain in memory.`,
      "",
      "| what | embedded chain | @ton/sandbox Blockchain |",
      "|---|---|---|",
      `| one transfer after another (2 transactions each) | ${ours.single.toFixed(0)} tx/s | ${sandbox.single.toFixed(0)} tx/s |`,
      `| batches of ${BATCH} messages | ${ours.batch.toFixed(0)} tx/s | ${sandbox.batch.toFixed(0)} tx/s |`,
      `| opening ${transactions} transactions (${(bytes / 2 ** 20).toFixed(1)} MiB) | ${openMs.toFixed(0)} ms | keeps nothing |`,
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Rates {
  readonly single: number;
  readonly batch: number;
}

async function measureOurs(file: string): Promise<Rates> {
  const payer = payerOf();
  await using chain = await openChain(file);
  await chain.send(payer.message(1)); // Loads the emulator and deploys the wallet.
  await chain.settled();
  const deliver = async (message: Message) => {
    await chain.send(message);
    await chain.settled(60_000);
  };
  const rates = await measureRates(payer, deliver);
  while (chain.history.transactionCount < TRANSACTIONS) await deliver(payer.message(200));
  return rates;
}

async function measureSandbox(): Promise<Rates> {
  const payer = payerOf();
  const blockchain = await Blockchain.create({ config: networkConfig() });
  blockchain.now = NOW_S;
  const { code, data } = payer.wallet.init;
  const account = createShardAccount({ address: payer.wallet.address, code, data, balance: 10n ** 18n });
  await blockchain.setShardAccount(payer.wallet.address, account);
  const deliver = async (message: Message) => void (await blockchain.sendMessage(message));
  await deliver(payer.message(1));
  return measureRates(payer, deliver);
}

/** Transactions per second. */
async function measureRates(payer: Payer, deliver: (message: Message) => Promise<void>): Promise<Rates> {
  const rate = async (rounds: number, messages: number) => {
    const began = performance.now();
    for (let round = 0; round < rounds; round++) await deliver(payer.message(messages));
    return (rounds * (messages + 1) * 1_000) / (performance.now() - began);
  };
  return { single: await rate(SINGLES, 1), batch: await rate(BATCHES, BATCH) };
}

async function measureOpening(file: string): Promise<{ openMs: number; bytes: number; transactions: number }> {
  const times: number[] = [];
  let size = { bytes: 0, transactions: 0 };
  for (let opening = 0; opening < OPENINGS; opening++) {
    const began = performance.now();
    await using chain = await openChain(file);
    chain.account(payerOf().wallet.address);
    times.push(performance.now() - began);
    size = { bytes: chain.history.bytes, transactions: chain.history.transactionCount };
  }
  return { openMs: median(times), ...size };
}

function openChain(file: string): Promise<Chain> {
  return Chain.open({
    file,
    clock: { now: () => NOW_S * 1_000 },
    config: networkConfig(),
    networkId: LOCAL_NETWORK_ID,
    genesis: [{ address: payerOf().wallet.address, nano: 10n ** 18n }],
  });
}

type Payer = ReturnType<typeof payerOf>;

/** A wallet that counts its own messages; receivers are new accounts, as in a payout. */
function payerOf() {
  const { publicKey, secretKey } = keyPairFromSeed(Buffer.alloc(32, 7));
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: LOCAL_NETWORK_ID } });
  let seqno = 0;
  let receiver = 0;
  const nextReceiver = () => `0:${createHash("sha256").update(String(receiver++)).digest("hex")}`;
  const message = (count: number): Message => {
    const messages = Array.from({ length: count }, () =>
      internal({ to: nextReceiver(), value: 1_000n, bounce: false }),
    );
    const init = seqno === 0 ? wallet.init : null;
    const body = wallet.createTransfer({
      seqno: seqno++,
      secretKey,
      messages,
      timeout: NOW_S + 3_600,
      sendMode: SendMode.PAY_GAS_SEPARATELY,
    });
    return external({ to: wallet.address, init, body });
  };
  return { wallet, message };
}
