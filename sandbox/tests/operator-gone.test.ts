/** The operator is gone: no server of ours runs, only the chain. A script with `@ton/ton` and the wrappers gets at everything it owns. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { internal, SendMode, toNano } from "@ton/core";
import type { Address, Sender } from "@ton/core";
import { TonClient } from "@ton/ton";
import { ContributorAccount } from "@starai/contracts/ContributorAccount";
import { RewardTree } from "@starai/contracts/merkle";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDeployment } from "../src/ton/deployment.ts";
import { walletOf } from "../src/ton/roles.ts";
import type { RoleWallet } from "../src/ton/roles.ts";
import { personOf } from "../src/ton/test-chain.ts";

const MAIN = fileURLToPath(new URL("../src/ton/main.ts", import.meta.url));
const DAY_S = 86_400;
const PLENTY = toNano("0.5");
const WAIT_MS = 60_000;

let home: string;
let chain: { process: ChildProcess; origin: string };

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), "starai-gone-"));
  chain = await startChain();
});
afterAll(async () => {
  await stopChain();
  await rm(home, { recursive: true, force: true });
});

/** `npm run chain` on a free port; resolves when it says where it listens. */
async function startChain() {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN], {
    env: { ...process.env, STARAI_HOME: home, CHAIN_PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const origin = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (text) => {
      said += String(text);
      const found = /Open\s+(http:\/\/[\d.:]+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`the chain ended with ${code}: ${said}`)));
  });
  return { process: child, origin };
}

async function stopChain(): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => chain.process.once("exit", resolve));
  chain.process.kill("SIGINT");
  return ended;
}

const client = () => new TonClient({ endpoint: `${chain.origin}/ton/api/v2/jsonRPC` });

async function post(where: string, body: object) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${chain.origin}/ton/${where}`, { method: "POST", headers, body: JSON.stringify(body) });
  return (await answer.json()) as { nowS: number };
}

/** A wallet as a sender whose signatures are dated by the chain's clock. */
function senderOf({ wallet, secretKey }: RoleWallet): Sender {
  const send: Sender["send"] = async (message) => {
    const opened = client().open(wallet);
    const { nowS } = (await (await fetch(`${chain.origin}/ton/time`)).json()) as { nowS: number };
    const seqno = (await client().isContractDeployed(wallet.address)) ? await opened.getSeqno() : 0;
    const messages = [internal({ ...message, body: message.body ?? undefined, init: message.init ?? undefined })];
    const sendMode = SendMode.PAY_GAS_SEPARATELY;
    await opened.send(wallet.createTransfer({ seqno, secretKey, timeout: nowS + 60, sendMode, messages }));
  };
  return { address: wallet.address, send };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (
    const end = performance.now() + WAIT_MS;
    performance.now() < end;
    await new Promise((next) => setTimeout(next, 100))
  )
    if (await holds().catch(() => false)) return;
  throw new Error(`waited in vain until ${what}`);
}

function treeFor(owner: Address, amount: bigint): RewardTree {
  return new RewardTree({ keys: Buffer.from(owner.hash), amounts: BigUint64Array.of(amount) });
}

test(
  "a contributor stakes, passes two epochs, and with every server stopped is paid exactly the sum, then unbonds",
  { timeout: 300_000 },
  async () => {
    const { distributor: address } = readDeployment(path.join(home, "ton"))!;
    const ann = personOf("ann");
    const helper = personOf("helper");
    for (const { wallet } of [ann, helper])
      await post("faucet", { address: wallet.address.toString(), amount: toNano(50).toString() });
    const account = new ContributorAccount({ owner: ann.wallet.address, distributor: address });
    await client()
      .open(account)
      .sendStake(senderOf(ann), { value: toNano(11), amount: toNano(10) });
    await until("the stake is there", async () => (await client().open(account).getData()).stake === toNano(10));

    // Two epochs, published while the operator is still there. The second root says what was earned in both.
    const seeds = JSON.parse(readFileSync(path.join(home, "ton", "roles.json"), "utf8")) as { publisher: string };
    const publisher = senderOf(walletOf(seeds.publisher));
    const earned = [toNano("1.5"), toNano("4.000000007")];
    for (const [index, amount] of earned.entries()) {
      const tree = treeFor(ann.wallet.address, amount);
      const root = BigInt(`0x${Buffer.from(tree.root).toString("hex")}`);
      const opened = client().open(new RewardDistributor(address));
      await opened.sendProposeRoot(publisher, {
        value: PLENTY,
        epoch: index + 1,
        root,
        totalCum: amount,
        dataHash: 1n,
      });
      await until("the root is proposed", async () => (await opened.getData()).pending !== null);
      await post("time", { advanceS: DAY_S + 1 });
      await opened.sendActivateRoot(senderOf(helper), PLENTY);
      await until("the root is active", async () => (await opened.getData()).epoch === index + 1);
    }

    expect(await stopChain()).toBe(0); // Everything of ours is gone …
    chain = await startChain(); // … but the network, and what it knows.

    const distributor = client().open(new RewardDistributor(address));
    const proof = treeFor(ann.wallet.address, earned[1]!).proof(ann.wallet.address.hash);
    const claim = { owner: ann.wallet.address, deploy: false, proof };
    await distributor.sendClaim(senderOf(helper), { ...claim, value: PLENTY });
    await until("the claim is paid", async () => (await distributor.getData()).totalPaid === earned[1]);
    expect((await client().open(account).getData()).claimed).toBe(earned[1]);
    const paid = async () =>
      (await client().getTransactions(ann.wallet.address, { limit: 20 })).flatMap(({ inMessage }) =>
        inMessage?.info.type === "internal" && inMessage.info.src.equals(address) ? [inMessage.info.value.coins] : [],
      );
    await until("the payment arrives", async () => (await paid()).length === 1);
    expect(await paid()).toEqual([earned[1]]);

    // The same claim again brings nothing.
    await distributor.sendClaim(senderOf(helper), { ...claim, value: PLENTY });
    const before = await client().getBalance(ann.wallet.address);
    await client()
      .open(account)
      .sendRequestUnbond(senderOf(ann), { value: PLENTY, amount: toNano(10) });
    await until("unbonding began", async () => (await client().open(account).getData()).unbonding === toNano(10));
    expect(await paid()).toEqual([earned[1]]);
    await post("time", { advanceS: 7 * DAY_S + 1 });
    await client().open(account).sendWithdraw(senderOf(ann), PLENTY);
    await until("the stake is home", async () => (await client().open(account).getData()).unbonding === 0n);
    await until(
      "the wallet has it",
      async () => (await client().getBalance(ann.wallet.address)) > before + toNano("9.9"),
    );
  },
);
