import { mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { addressesOf, missingOf, planDeployment } from "@starai/contracts/deployment";
import { ContributorAccount, requestUnbondBody } from "@starai/contracts/ContributorAccount";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import { Vault } from "@starai/contracts/Vault";
import { Address, Cell, internal, SendMode, toNano } from "@ton/core";
import type { ShardAccount } from "@ton/core";
import { pino } from "pino";
import { expect, test } from "vitest";
import { ChainClock } from "./chain-clock.ts";
import { DEPLOYED, keepDeployment, readKept } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { localClient } from "./local-client.ts";
import { personOf, TestTon } from "../testing/chain.ts";
import { writeContributors, writeFirstEdition } from "../testing/kept-chain.ts";
import { Ton } from "./ton.ts";

const told = (deployment: Deployment) => DEPLOYED.map((name) => deployment[name].toString());

test("the first start deploys the four contracts with the sandbox's roles; later starts send nothing", async () => {
  await using ton = await TestTon.open();
  const deployment = await ton.ton.deployment();
  const { roles, chain } = ton.opened;
  for (const purpose of ["deposits", "till", "refunds"] as const) {
    const vault = await ton.client.open(new Vault(deployment[purpose])).getState();
    expect(vault.purpose).toBe(purpose);
    expect(vault.guardian.equals(roles.guardian.wallet.address)).toBe(true);
    expect(vault.hot.equals(roles.operator.wallet.address)).toBe(true);
    expect(vault.distributor?.toString() ?? null).toBe(
      purpose === "refunds" ? null : deployment.distributor.toString(),
    );
  }
  const distributor = await ton.client.open(new RewardDistributor(deployment.distributor)).getData();
  expect(distributor.publisher?.equals(roles.publisher.wallet.address)).toBe(true);
  expect(distributor.refunds.equals(deployment.refunds)).toBe(true);
  expect(await ton.client.getBalance(deployment.distributor)).toBeGreaterThan(toNano(1_000));

  const before = chain.history.transactionCount;
  await ton.reopen();
  expect(told(await ton.ton.deployment())).toEqual(told(deployment));
  // A start after a kill between deploying and writing the file finds the contracts on the chain.
  writeFileSync(path.join(ton.folder, "deployment.json"), "");
  await ton.reopen();
  await expect(ton.ton.deployment()).rejects.toThrow(/damaged/);
  unlinkSync(path.join(ton.folder, "deployment.json"));
  expect(told(await ton.ton.deployment())).toEqual(told(deployment));
  expect(ton.opened.chain.history.transactionCount).toBe(before);
  expect(JSON.parse(readFileSync(path.join(ton.folder, "deployment.json"), "utf8"))).toMatchObject({
    networkId: chain.networkId,
  });

  expect((await knownTo(ton.ton)).slice(0, 4)).toEqual([
    ["deposits", "Vault"],
    ["till", "Vault"],
    ["refunds", "Vault"],
    ["distributor", "RewardDistributor"],
  ]);
});

/** Accounts with a name in the explorer: the name, and which contract of this checkout runs there. */
async function knownTo(ton: Ton): Promise<[string, string | null][]> {
  const answer = await ton.routes.request("/ton/explorer/overview");
  const { known } = (await answer.json()) as { known: { name: string; contract: string | null }[] };
  return known.map(({ name, contract }) => [name, contract]);
}

test("a chain with contracts of another version is opened with a warning; one of this version without", async () => {
  await using ton = await TestTon.open();
  const deployment = await ton.ton.deployment();
  const reopened = async () => {
    await ton.close();
    const said: string[] = [];
    const log = pino({ level: "warn" }, { write: (line: string) => void said.push(line) });
    await using again = new Ton({ folder: ton.folder, clock: new ChainClock(ton.folder), log });
    await again.open();
    expect(await again.notice()).toBeNull();
    return said.join("");
  };
  expect(await reopened()).toBe("");
  // Any code unknown to this checkout counts as another version; here there is none.
  keepDeployment(ton.folder, { ...deployment, distributor: new Address(0, Buffer.alloc(32, 7)) });
  expect(await reopened()).toContain("of another version than this checkout");
});

function keptFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "starai-kept-"));
  writeFirstEdition(folder);
  return folder;
}

test("a chain kept from the first edition keeps its history and its contracts; this edition's come beside them, with words", async () => {
  const folder = keptFolder();
  try {
    const { firstEdition } = readKept(folder);
    const codeOf = async (ton: Ton) => {
      const client = localClient((await ton.open()).routes);
      const { code, balance } = await client.getContractState(firstEdition!.vault);
      return { code: Cell.fromBoc(code!)[0]!.hash().toString("hex"), balance };
    };
    const opened = async () => {
      await using ton = new Ton({ folder, clock: new ChainClock(folder) });
      const { history } = (await ton.open()).chain;
      const before = { transactions: history.transactionCount, vault: await codeOf(ton) };
      const deployment = await ton.deployment();
      const after = { transactions: history.transactionCount, vault: await codeOf(ton) };
      return { before, after, deployment, notice: await ton.notice(), known: await knownTo(ton) };
    };

    const first = await opened();
    expect(first.before.transactions).toBe(9);
    // Ann's three coins, less what the deposit cost.
    expect(first.before.vault.balance).toBeGreaterThan(toNano("3"));
    expect(first.after.vault).toEqual(first.before.vault);
    expect(first.after.transactions).toBeGreaterThan(9);
    expect(first.notice).toMatch(
      /contracts of the first edition: vault EQ[\w-]+, distributor EQ[\w-]+\. Their code can never change/,
    );
    expect(told(first.deployment)).not.toContain(firstEdition!.distributor.toString());
    expect(first.known).toEqual(
      expect.arrayContaining([
        ["till", "Vault"],
        ["firstVault", null],
        ["firstDistributor", null],
      ]),
    );

    // The second start says it again, sends nothing and keeps all addresses.
    const second = await opened();
    expect(second.after.transactions).toBe(first.after.transactions);
    expect(told(second.deployment)).toEqual(told(first.deployment));
    expect(second.notice).toBe(first.notice);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a contract of the first edition still does what it did: a person unbonds the stake in the account that the old code made", async () => {
  const folder = keptFolder();
  try {
    await using ton = new Ton({ folder, clock: new ChainClock(folder) });
    await ton.deployment();
    const { chain, routes } = await ton.open();
    const client = localClient(routes);
    const ann = personOf("ann");
    const wallet = client.open(ann.wallet);
    const account = [...chain.history.accountsByActivity()]
      .map(({ address }) => Address.parseRaw(address))
      .find((address) => stakeIn(chain.account(address)));
    const stake = async () => {
      const { stack } = await client.runMethod(account!, "account_data");
      stack.skip(3);
      return [stack.readBigNumber(), stack.readBigNumber()];
    };
    expect(await stake()).toEqual([toNano(10), 0n]);
    const body = requestUnbondBody(toNano(10));
    await wallet.send(
      ann.wallet.createTransfer({
        seqno: await wallet.getSeqno(),
        timeout: chain.nowS() + 60,
        secretKey: ann.secretKey,
        sendMode: SendMode.PAY_GAS_SEPARATELY,
        messages: [internal({ to: account!, value: toNano("0.05"), bounce: true, body })],
      }),
    );
    await chain.settled();
    expect(await stake()).toEqual([0n, toNano(10)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Whether this is the account of the kept chain that holds ten staked coins. */
function stakeIn({ account }: ShardAccount): boolean {
  const coins = account?.storage.balance.coins ?? 0n;
  return account?.storage.state.type === "active" && coins > toNano(10) && coins < toNano("10.1");
}

test("other parameters give other addresses, where nothing is deployed", async () => {
  await using ton = await TestTon.open();
  const { guardian, treasury, operator, publisher } = ton.opened.roles;
  const terms = (dailyLimit: bigint) => ({
    publisher: publisher.wallet.address,
    guardian: guardian.wallet.address,
    treasury: treasury.wallet.address,
    hot: operator.wallet.address,
    dailyLimit,
    poolLimit: 1n,
    distributor: { epochCap: 1n, epochSeconds: 1, delaySeconds: 1, slashesPerDay: 1 },
    poolNano: 0n,
  });
  const [one, two] = [planDeployment(terms(1n)), planDeployment(terms(2n))];
  const [first, other] = [addressesOf(one), addressesOf(two)];
  expect(first.deposits.equals(other.deposits)).toBe(false);
  expect(first.till.equals(first.deposits)).toBe(false);
  expect(first.distributor.equals(other.distributor)).toBe(true);
  expect(await missingOf(ton.client, one)).toEqual(one);
});

test("a chain of the first contributors is opened as it was: its contracts, the open root, stakes and what was claimed", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "starai-kept-"));
  try {
    writeContributors(folder);
    await using ton = new Ton({ folder, clock: new ChainClock(folder) });
    const { distributor } = await ton.deployment();
    const { roles, routes } = await ton.open();
    expect(await ton.notice()).toBeNull();
    const client = localClient(routes);
    const data = await client.open(new RewardDistributor(distributor)).getData();
    expect(data).toMatchObject({ epoch: 1, pending: null, totalCum: 36_083n, totalPaid: 9_351n });
    const ofTheOperator = new ContributorAccount({ owner: roles.contributor.wallet.address, distributor });
    expect(await client.open(ofTheOperator).getData()).toMatchObject({ stake: toNano("10"), claimed: 0n });
    const owner = Address.parse("0QDys_tGs3c_69wcnD_NesSOWk2VKJsA2sPNp3zTfKQSH4_1");
    const ofTheOther = new ContributorAccount({ owner, distributor });
    expect(await client.open(ofTheOther).getData()).toMatchObject({ stake: toNano("5"), claimed: 9_351n });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
