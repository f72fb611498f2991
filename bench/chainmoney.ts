/**
 * How long coins take on the embedded chain: from a wallet's message to the credit, and from asking to being paid; and
 * what validators take for each, as the books have it.
 */
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { internal } from "@ton/core";
import { pino } from "pino";
import { vaultBody } from "@starai/contracts/Vault";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { readConfig } from "@starai/server/config";
import { people, wallets } from "@starai/server/db/schema";
import { handInvoice, makeInvoice, noteSent } from "@starai/server/deposits/invoices";
import { chainOverview } from "@starai/server/payouts/chain-overview";
import { requestPayout } from "@starai/server/payouts/request-payout";
import { startServer } from "@starai/server/start";
import type { RunningServer } from "@starai/server/start";
import { TestTon, personOf } from "../sandbox/src/testing/chain.ts";
import { chainOf } from "../sandbox/src/ton/chain-of.ts";
import { measureAll } from "../contracts/gas/measure-all.ts";
import { quantile } from "./ledger/load.ts";

const COIN = 10n ** 9n;
const DEPOSITS = 15;
const PAYOUTS = 15;
/** A day's limit of a person allows more than this. */
const PAID_OUT = COIN / 2n;
const PATIENCE_MS = 60_000;

export async function measureChainMoney(): Promise<string[]> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(home, 0o755);
  await using ton = await TestTon.open();
  const deployment = await ton.ton.deployment();
  const server = await startServer(configOf(home), {
    log: pino({ level: "silent" }),
    chain: async (url) => chainOf(deployment, ton.opened, { urls: [url] }),
  });
  try {
    const bench = { ton, server, person: await personWithWallet(server) };
    await until(async () => !server.ctx.ton.drifted);
    const deposits = await timesOf(DEPOSITS, () => deposit(bench));
    const payouts = await timesOf(PAYOUTS, () => withdraw(bench));
    return [
      "The server with its books, embedded PostgreSQL and the embedded chain on one machine; blocks come when there is something to write. A public network adds its own block time.",
      "",
      "| what | seconds, p50 and p95 |",
      "|---|---:|",
      `| a wallet's payment accepted until it is credited | ${shown(deposits)} |`,
      `| a withdrawal asked for, its cool-down over, until it is paid | ${shown(payouts)} |`,
      "",
      "Whole coins. The books have what our accounts' own transactions took; the gas table has all that a message caused, but for wallets' own work.",
      "",
      "| transaction | how many | fees of one in the books, median | by the gas table |",
      "|---|---:|---:|---:|",
      ...(await feesOf(server)),
    ];
  } finally {
    await server.close(0);
    await rm(home, { recursive: true, force: true });
  }
}

interface Bench {
  readonly ton: TestTon;
  readonly server: RunningServer;
  readonly person: string;
}

const ann = personOf("ann");

/** Bound long ago: proofs and cool-downs are not measured. */
async function personWithWallet({ ctx }: RunningServer): Promise<string> {
  await until(async () => ctx.ton.chain !== null);
  const [row] = await ctx.db.insert(people).values({ telegramId: 1, name: "Ann" }).returning({ id: people.id });
  const bound = { address: ann.wallet.address.toRawString(), boundAt: new Date(0), payoutsFrom: new Date(0) };
  await ctx.db.insert(wallets).values({ person: row!.id, ...bound });
  return row!.id;
}

/** As the app does it: the server is told when a wallet is handed the payment, and when it was sent. */
async function deposit({ ton, server: { ctx }, person }: Bench): Promise<number> {
  await ton.opened.faucet.give(ann.wallet.address, 2n * COIN);
  const invoice = await makeInvoice(ctx, person, COIN);
  const id = BigInt(invoice.id);
  await handInvoice(ctx, person, id);
  const { depositNumber } = await chainOverview(ctx, person);
  const body = vaultBody.deposit({ userId: BigInt(depositNumber), queryId: id });
  await ton.sendFrom(ann, internal({ to: ctx.ton.get().deposits, value: COIN, bounce: true, body }));
  const began = performance.now();
  await noteSent(ctx, person, id);
  await until(async () => (await chainOverview(ctx, person)).invoice?.state === "credited");
  return performance.now() - began;
}

async function withdraw({ server: { ctx }, person }: Bench): Promise<number> {
  const began = performance.now();
  const id = randomUUID();
  await requestPayout(ctx, { person, id, amount: PAID_OUT });
  await until(async () => (await chainOverview(ctx, person)).payouts.find((one) => one.id === id)?.state === "paid");
  return performance.now() - began;
}

async function timesOf(count: number, measure: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let done = 0; done < count; done++) times.push(await measure());
  return times;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error("what was waited for did not happen within a minute");
    await sleep(20);
  }
}

/** The contracts' messages, by the transaction of the books that they are. */
const MESSAGES: Readonly<Record<string, string>> = { "deposits: credited": "Deposit" };
/** Verbs that are not run here: only the gas table knows them. What is over is given back as a deposit. */
const NOT_RUN = ["PayHot", "PayPool", "Redeem", "CloseTogether", "RequestClose", "Withdraw"];

async function feesOf({ ctx }: RunningServer): Promise<string[]> {
  const gas = await measureAll();
  const byGas = (wanted: string | undefined) => {
    const row = gas.find(({ message }) => message === wanted);
    return row === undefined ? "–" : `${row.message} ${(Number(row.fee) / 1e9).toFixed(6)}`;
  };
  const { rows } = await ctx.pg.query<{ name: string; count: string; fees: number }>(
    `select role || ': ' || kind as name, count(*), percentile_cont(0.5) within group (order by fees) as fees
     from chain_transactions group by 1 order by 1`,
  );
  return [
    ...rows.map(
      ({ name, count, fees }) => `| ${name} | ${count} | ${(fees / 1e9).toFixed(6)} | ${byGas(MESSAGES[name])} |`,
    ),
    ...NOT_RUN.map((message) => `| not run here | – | – | ${byGas(message)} |`),
  ];
}

function shown(times: readonly number[]): string {
  return [0.5, 0.95].map((share) => (quantile(times, share) / 1_000).toFixed(2)).join(", ");
}

function configOf(home: string) {
  return readConfig({
    PORT: "0",
    STARAI_HOME: home,
    STARAI_MODELS: modelsFolder(process.env, os.homedir()),
    STARAI_BOT_KEY: "0".repeat(64),
    STARAI_LOG_LEVEL: "silent",
    STARAI_RATES: "sandbox",
  });
}
