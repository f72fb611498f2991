/** Every server is stopped and only the chain runs: printed links alone, opened in a wallet, reach everything a person owns. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { toNano } from "@ton/core";
import { keyPairFromSeed, sha256_sync } from "@ton/crypto";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { ContributorAccount } from "@starai/contracts/ContributorAccount";
import { ContributorAccountTerms } from "@starai/contracts/contributor-account-codes";
import { Escrow } from "@starai/contracts/Escrow";
import { EscrowTerms } from "@starai/contracts/escrow-codes";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import { afterAll, beforeAll, expect, test } from "vitest";
import { personOf } from "../src/testing/chain.ts";
import { openLink } from "../src/ton/link-wallet.ts";
import type { RoleWallet } from "../src/ton/roles.ts";
import { LoneChain } from "./lone-chain.ts";

const DAY_S = 86_400;

let chain: LoneChain;
beforeAll(async () => {
  chain = await LoneChain.start();
});
afterAll(() => chain[Symbol.asyncDispose]());

const linkOf = (...asked: Parameters<LoneChain["linkOf"]>) => chain.linkOf(...asked);
const byLink = (...asked: Parameters<LoneChain["byLink"]>) => chain.byLink(...asked);

async function personWithMoney(word: string): Promise<RoleWallet> {
  const person = personOf(word);
  await chain.give(person.wallet.address, toNano(50));
  return person;
}

const balanceOf = async ({ wallet }: RoleWallet) => chain.client().getBalance(wallet.address);

test("a contributor stakes, claims, unbonds and withdraws by links alone", { timeout: 300_000 }, async () => {
  const { distributor: address } = chain.deployment;
  const ann = await personWithMoney("ann");
  const publisher = chain.role("publisher");
  const at = ["--distributor", address.toString()];
  const account = chain.client().open(new ContributorAccount({ owner: ann.wallet.address, distributor: address }));
  await byLink(ann, ["stake", "10", ...at], async () => (await account.getData()).stake === toNano(10));

  // The publisher's last act.
  const leaves = { keys: Buffer.from(ann.wallet.address.hash), amounts: BigUint64Array.of(toNano("2.5")) };
  const header = { network: LOCAL_NETWORK_ID, distributor: address.toRawString(), epoch: 1 };
  const file = path.join(chain.home, "epoch-1.txt");
  await writeFile(file, Buffer.concat([...writeLeafFile(header, leaves)]));
  const distributor = chain.client().open(new RewardDistributor(address));
  await byLink(publisher, ["propose-root", file, ...at], async () => (await distributor.getData()).pending !== null);
  await expect(linkOf(ann, "claim", file)).rejects.toThrow(/opens on/);

  expect(await chain.stop()).toBe(0);
  await chain.resume();
  await chain.advance(DAY_S + 1);
  const client = chain.client();
  const [opened, mine] = [
    client.open(new RewardDistributor(address)),
    client.open(new ContributorAccount({ owner: ann.wallet.address, distributor: address })),
  ];
  // Nobody has opened the epoch: the first link does, the second claims.
  await byLink(ann, ["claim", file], async () => (await opened.getData()).epoch === 1);
  const poor = await balanceOf(ann);
  await byLink(ann, ["claim", file], async () => (await mine.getData()).claimed === toNano("2.5"));
  await chain.until("the reward arrives", async () => (await balanceOf(ann)) > poor + toNano("2.4"));

  await byLink(ann, ["unbond", "10", ...at], async () => (await mine.getData()).unbonding === toNano(10));
  await expect(linkOf(ann, "withdraw", ...at)).rejects.toThrow(/Nothing can be taken home yet/);
  await chain.advance(ContributorAccountTerms.UNBOND_SECONDS);
  const before = await balanceOf(ann);
  await byLink(ann, ["withdraw", ...at], async () => (await mine.getData()).unbonding === 0n);
  await chain.until("the stake arrives", async () => (await balanceOf(ann)) > before + toNano("9.9"));
});

test(
  "a user opens an escrow, lets a second device sign, and leaves with all of it by links alone",
  { timeout: 300_000 },
  async () => {
    const bob = await personWithMoney("bob");
    const [keyOne, keyTwo] = ["one", "two"].map((word) => keyPairFromSeed(sha256_sync(word)).publicKey.toString("hex"));
    const providerKey = keyPairFromSeed(sha256_sync("provider")).publicKey;
    const terms = { owner: bob.wallet.address, vault: chain.deployment.till, providerKey, networkId: LOCAL_NETWORK_ID };
    const { address } = Escrow.of(terms);
    const escrow = chain.client().open(new Escrow(address));
    const made = ["--vault", terms.vault.toString(), "--provider-key", providerKey.toString("hex")];
    const opening = [...made, "--session-key", keyOne!, "--daily-cap", "0.5"];
    await byLink(bob, ["escrow-open", "5", ...opening], async () => (await escrow.getState()).keys.length === 1);
    const at = ["--escrow", address.toString()];
    const adding = ["escrow-add-key", ...at, "--session-key", keyTwo!];
    await byLink(bob, adding, async () => (await escrow.getState()).keys.length === 2);
    await byLink(bob, ["escrow-raise-cap", "1", ...at], async () => (await escrow.getState()).dailyCap === toNano(1));

    const stranger = await personWithMoney("a stranger");
    await expect(linkOf(stranger, "escrow-close", ...at)).rejects.toThrow(/belongs to/);
    await byLink(bob, ["escrow-close", ...at], async () => (await escrow.getState()).ripeAt !== null);
    await byLink(bob, ["escrow-cancel-close", ...at], async () => (await escrow.getState()).ripeAt === null);
    await byLink(bob, ["escrow-close", ...at], async () => (await escrow.getState()).ripeAt !== null);
    await expect(linkOf(bob, "escrow-withdraw", ...at)).rejects.toThrow(/Nothing can be taken home yet/);
    await chain.advance(EscrowTerms.CLOSE_DELAY);
    const before = await balanceOf(bob);
    await byLink(bob, ["escrow-withdraw", ...at], async () => (await escrow.getSpendable()) === 0n);
    await chain.until("the balance arrives", async () => (await balanceOf(bob)) > before + toNano("4.9"));
  },
);

test(
  "a link says in words what it does, and one that was changed on the way is not opened",
  { timeout: 120_000 },
  async () => {
    const eve = await personWithMoney("eve");
    const at = ["--distributor", chain.deployment.distributor.toString()];
    const said = await chain.ton(null, ["stake", "3", ...at, "--owner", eve.wallet.address.toString(), "--link"]);
    expect(said).toMatch(/^From +UQ|^From +0Q/m);
    expect(said).toMatch(/^Amount +3\.1 GRAM\nDeploys .*\nMessage +Stake \(contributor-account\)\n +amount +3 GRAM/m);
    const link = said.split("\n").at(-1)!;
    const payload = /Payload +(\S+)/.exec(said)![1]!;
    for (const text of [link, payload, Buffer.from(payload, "base64").toString("hex")])
      expect(await chain.ton(null, ["read", text])).toMatch(/Message +Stake .*\n +amount +3 GRAM/);
    await expect(chain.ton(null, ["read", "te6cc"])).rejects.toThrow(/neither a ton:\/\/transfer link nor a payload/);
    for (const changed of [
      link.replace("amount=", "amount=-"),
      `${link}&jetton=EQ`,
      link.replace(/transfer\/../, "transfer/AA"),
    ])
      await expect(openLink({ ...eve, client: chain.client() }, changed, await chain.nowS())).rejects.toThrow(/link/i);
    const before = await balanceOf(eve);
    expect(await chain.ton(null, ["stake", "3", ...at, "--owner", eve.wallet.address.toString(), "--dry-run"])).toMatch(
      /amount +3 GRAM\nPayload +\S+\nNothing was sent\.$/,
    );
    expect(await balanceOf(eve)).toBe(before);
  },
);
