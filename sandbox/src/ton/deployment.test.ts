import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { missingOf, planDeployment } from "@starai/contracts/deployment";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import { Vault } from "@starai/contracts/Vault";
import { Address, toNano } from "@ton/core";
import { pino } from "pino";
import { expect, test } from "vitest";
import { ChainClock } from "./chain-clock.ts";
import { keepDeployment } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { TestTon } from "../testing/chain.ts";
import { Ton } from "./ton.ts";

const told = ({ vault, distributor }: Deployment) => [vault.toString(), distributor.toString()];

test("the first start deploys vault and distributor with the sandbox's roles; later starts send nothing", async () => {
  await using ton = await TestTon.open();
  const deployment = await ton.ton.deployment();
  const { roles, chain } = ton.opened;
  const vault = await ton.client.open(new Vault(deployment.vault)).getState();
  expect(vault.guardian.equals(roles.guardian.wallet.address)).toBe(true);
  expect(vault.hot.equals(roles.operator.wallet.address)).toBe(true);
  const distributor = ton.client.open(new RewardDistributor(deployment.distributor));
  expect((await distributor.getData()).publisher.equals(roles.publisher.wallet.address)).toBe(true);
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

  const overview = (await (await ton.ton.routes.request("/ton/explorer/overview")).json()) as {
    known: { name: string; contract: string | null }[];
  };
  expect(overview.known.slice(0, 2).map(({ name, contract }) => [name, contract])).toEqual([
    ["Vault", "Vault"],
    ["RewardDistributor", "RewardDistributor"],
  ]);
});

test("a chain with contracts of another version is opened with a warning; one of this version without", async () => {
  await using ton = await TestTon.open();
  const { vault, networkId } = await ton.ton.deployment();
  const reopened = async () => {
    await ton.close();
    const said: string[] = [];
    const log = pino({ level: "warn" }, { write: (line: string) => void said.push(line) });
    await using again = new Ton({ folder: ton.folder, clock: new ChainClock(ton.folder), log });
    await again.open();
    return said.join("");
  };
  expect(await reopened()).toBe("");
  // Any code unknown to this checkout counts as another version; here there is none.
  keepDeployment(ton.folder, { networkId, vault, distributor: new Address(0, Buffer.alloc(32, 7)) });
  expect(await reopened()).toContain("of another version than this checkout");
});

test("other parameters give other addresses, where nothing is deployed", async () => {
  await using ton = await TestTon.open();
  const { guardian, treasury, operator, publisher } = ton.opened.roles;
  const terms = (dailyLimit: bigint) => ({
    vault: {
      guardian: guardian.wallet.address,
      treasury: treasury.wallet.address,
      hot: operator.wallet.address,
      dailyLimit,
    },
    distributor: {
      publisher: publisher.wallet.address,
      guardian: guardian.wallet.address,
      epochCap: 1n,
      epochSeconds: 1,
      delaySeconds: 1,
      slashesPerDay: 1,
    },
    poolNano: 0n,
  });
  const [one, two] = [planDeployment(terms(1n)), planDeployment(terms(2n))];
  expect(one[0]!.address.equals(two[0]!.address)).toBe(false);
  expect(one[1]!.address.equals(two[1]!.address)).toBe(true);
  expect(await missingOf(ton.client, one)).toEqual(one);
});
