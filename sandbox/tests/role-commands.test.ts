/** Every role's commands against a real chain: what each may do, and in the contract's own words what it may not. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Address, toNano } from "@ton/core";
import { mnemonicNew, mnemonicToPrivateKey } from "@ton/crypto";
import { WalletContractV4 } from "@ton/ton";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import { RewardDistributorTerms } from "@starai/contracts/reward-distributor-codes";
import { Vault } from "@starai/contracts/Vault";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LoneChain } from "./lone-chain.ts";

const HOUR_S = 3_600;
const PEOPLE = ["publisher", "guardian", "treasury", "hot", "stranger"] as const;
type Person = (typeof PEOPLE)[number];

let chain: LoneChain;
let at: { distributor: string[]; vault: string[] };
const words = {} as Record<Person, string[]>;
const wallets = {} as Record<Person, Address>;

beforeAll(async () => {
  chain = await LoneChain.start();
  for (const person of PEOPLE) {
    words[person] = await mnemonicNew(24);
    wallets[person] = (await chain.fundedWallet(words[person], toNano(200))).wallet.address;
  }
  // The treasury signs with a wallet of version 4.
  const { publicKey } = await mnemonicToPrivateKey(words.treasury);
  wallets.treasury = WalletContractV4.create({ workchain: 0, publicKey }).address;
  await chain.give(wallets.treasury, toNano(200));
  at = await deploy();
}, 120_000);
afterAll(() => chain[Symbol.asyncDispose]());

async function deploy() {
  const { publisher, guardian, treasury, hot } = wallets;
  const terms = { epochCap: toNano(100), epochSeconds: HOUR_S, delaySeconds: HOUR_S, slashesPerDay: 5 };
  const distributor = RewardDistributor.fromTerms({
    ...terms,
    publisher,
    guardian,
    treasury,
    refunds: chain.deployment.refunds,
  });
  const limits = { dailyLimit: toNano(5), poolLimit: toNano(20) };
  const roles = { guardian, treasury, hot };
  const vault = Vault.of({ purpose: "deposits", distributor: distributor.address, ...roles, ...limits });
  const operator = chain.sender(chain.role("operator"));
  const client = chain.client();
  await client.open(distributor).sendFund(operator, toNano("0.2"));
  await chain.until("the distributor is there", async () => client.isContractDeployed(distributor.address));
  await client.open(vault).sendDeposit(operator, { value: toNano(100), userId: 7n });
  await chain.until("the vault is there", async () => client.isContractDeployed(vault.address));
  return {
    distributor: ["--distributor", distributor.address.toString()],
    vault: ["--vault", vault.address.toString()],
  };
}

/** Output of a command that this person runs, on the test's own distributor and vault. */
async function by(person: Person, ...command: string[]): Promise<string> {
  const wallet = person === "treasury" ? ["--wallet", "v4"] : [];
  return chain.ton(words[person], [...command, ...at.distributor, ...at.vault, ...wallet]);
}

async function leafFile(epoch: number, amount: string): Promise<string> {
  const leaves = { keys: Buffer.from(wallets.stranger.hash), amounts: BigUint64Array.of(toNano(amount)) };
  const distributor = Address.parse(at.distributor[1]!).toRawString();
  const file = path.join(chain.home, `leaves-${epoch}-${amount}.txt`);
  await writeFile(file, Buffer.concat([...writeLeafFile({ network: LOCAL_NETWORK_ID, distributor, epoch }, leaves)]));
  return file;
}

test(
  "publisher, guardian and everybody over a root: proposed, vetoed, funded, opened, taken back",
  { timeout: 300_000 },
  async () => {
    const first = await leafFile(1, "10");
    await expect(by("stranger", "propose-root", first)).rejects.toThrow(/distributor refused: not the publisher/);
    await expect(by("publisher", "propose-root", await leafFile(3, "10"))).rejects.toThrow(
      /of epoch 3, .* next one is 1/,
    );
    expect(await by("publisher", "propose-root", first)).toMatch(
      /Proposed: it can be opened from .*\nPublish .* [0-9a-f]{64}$/,
    );
    expect(await by("stranger", "distributor")).toMatch(/Pending +the root of epoch 1, 10 GRAM of new debt/);
    await expect(by("publisher", "veto")).rejects.toThrow(/distributor refused: not the guardian/);
    expect(await by("guardian", "veto")).toContain("The pending root is dropped.");
    await expect(by("guardian", "veto")).rejects.toThrow(/no root pending/);

    await by("publisher", "propose-root", first);
    await expect(by("stranger", "activate")).rejects.toThrow(/delay open/);
    await chain.advance(HOUR_S + 1);
    await expect(by("stranger", "activate")).rejects.toThrow(/pool unfunded/);
    expect(await by("stranger", "fund", "30")).toContain("30 GRAM is in the pool.");
    expect(await by("stranger", "activate")).toContain("Opened");
    await expect(by("guardian", "endorse")).rejects.toThrow(/No root is pending/);
    expect(await by("stranger", "claim", first)).toContain("Paid       10 GRAM");

    const lowered = await leafFile(2, "9");
    await expect(by("stranger", "challenge", first, lowered)).rejects.toThrow(/No root is pending/);
    await by("publisher", "propose-root", lowered);
    await expect(by("stranger", "challenge", first, first)).rejects.toThrow(/is not the file of the pending root/);
    const challenged = await by("stranger", "challenge", first, lowered);
    expect(challenged).toMatch(/had 10 GRAM and would have 9 GRAM\n.*\nChallenged: the pending root is dropped\.$/);
    const honest = await leafFile(2, "11");
    await by("publisher", "propose-root", honest);
    await expect(by("stranger", "challenge", first, honest)).rejects.toThrow(/takes nothing away from anybody/);

    await expect(by("guardian", "revoke")).rejects.toThrow(/not frozen/);
    expect(await by("guardian", "freeze")).toContain("Frozen");
    await expect(by("stranger", "freeze")).rejects.toThrow(/not the guardian/);
    expect(await by("guardian", "revoke")).toContain("Revoked");
    expect(await by("guardian", "unfreeze")).toContain("ends in 10 minutes");
  },
);

test(
  "an epoch cap changes when both agree on the same one, and not before its notice is over",
  { timeout: 300_000 },
  async () => {
    await expect(by("guardian", "propose-cap", "200")).rejects.toThrow(/not the publisher/);
    expect(await by("publisher", "propose-cap", "200")).toContain("Proposed");
    await expect(by("guardian", "accept-cap", "150")).rejects.toThrow(/other cap proposed/);
    expect(await by("guardian", "accept-cap", "200")).toContain("200 GRAM applies");
    await expect(by("stranger", "apply-cap")).rejects.toThrow(/cap too early/);
    await chain.advance(RewardDistributorTerms.CAP_DELAY + 1);
    expect(await by("stranger", "apply-cap")).toContain("is the new one");
    expect(await by("stranger", "distributor")).toMatch(/Cap +200 GRAM of new debt in 1 hour$/m);
  },
);

test(
  "a contributor's stake is disputed and freed again; only publisher and guardian can",
  { timeout: 300_000 },
  async () => {
    const owner = wallets.stranger.toString();
    const reason = "ab".repeat(32);
    await by("stranger", "stake", "10");
    await expect(by("guardian", "propose-slash", owner, "2", reason)).rejects.toThrow(/not the publisher/);
    await expect(by("publisher", "propose-slash", owner, "5", reason)).rejects.toThrow(
      /account refused: above slash cap/,
    );
    expect(await by("publisher", "propose-slash", owner, "2", reason)).toContain("2 GRAM of this stake is held");
    expect(await by("stranger", "account")).toMatch(/Dispute +2 GRAM is held/);
    await expect(by("stranger", "execute-slash", owner)).rejects.toThrow(/account refused: appeal open/);
    await expect(by("stranger", "cancel-slash", owner)).rejects.toThrow(/not the guardian/);
    expect(await by("guardian", "cancel-slash", owner)).toContain("Cancelled");
    await expect(by("stranger", "execute-slash", owner)).rejects.toThrow(/no slash pending/);
  },
);

test(
  "a vault's hot wallet is paid within its limits, stopped by either keeper, and started by both",
  { timeout: 300_000 },
  async () => {
    expect(await by("hot", "pay-hot", "1")).toContain("1 GRAM went to the hot wallet.");
    await expect(by("guardian", "pay-hot", "1")).rejects.toThrow(/vault refused: not hot/);
    await expect(by("hot", "pay-hot", "90")).rejects.toThrow(/vault refused: over daily limit/);
    expect(await by("hot", "pay-pool", "3")).toContain("3 GRAM went to the reward pool.");
    await expect(by("hot", "pay-pool", "90")).rejects.toThrow(/over pool limit/);
    await expect(by("hot", "stop")).rejects.toThrow(/vault refused: not keeper/);
    expect(await by("treasury", "stop")).toContain("Stopped");
    await expect(by("hot", "pay-hot", "1")).rejects.toThrow(/over daily limit/);

    expect(await by("guardian", "propose-limits", "5", "20")).toContain("Proposed: limits of 5 GRAM a day");
    await expect(by("stranger", "execute")).rejects.toThrow(/proposal too young/);
    await expect(by("guardian", "approve")).rejects.toThrow(/not the other keeper/);
    expect(await by("treasury", "approve")).toContain("Approved");
    expect(await by("stranger", "execute")).toContain("Executed: limits of 5 GRAM a day");
    expect(await by("hot", "vault")).toMatch(/Hot limit +5 GRAM a day, /);

    expect(await by("treasury", "propose-sweep", "2")).toContain("Proposed: 2 GRAM to the treasury");
    await expect(by("guardian", "propose-sweep", "2")).rejects.toThrow(/proposal pending/);
    expect(await by("guardian", "cancel")).toContain("Cancelled");
    await expect(by("stranger", "execute")).rejects.toThrow(/Nothing is proposed/);
    await by("guardian", "propose-role", "hot", wallets.stranger.toString());
    await by("treasury", "approve");
    expect(await by("stranger", "execute")).toContain("as hot");
    await expect(by("hot", "pay-hot", "1")).rejects.toThrow(/not hot/);
    const jettons = ["propose-jetton", wallets.hot.toString(), "500"];
    expect(await by("guardian", ...jettons, "--dry-run")).toMatch(
      /what +SweepJetton\n +wallet .*\n +amount +500 units of the jetton\nPayload/,
    );
    await expect(by("stranger", ...jettons)).rejects.toThrow(/not keeper/);
  },
);

test(
  "a publisher is named, rejected by the treasury, and named again; the dismissed one has no say",
  { timeout: 300_000 },
  async () => {
    const next = wallets.stranger.toString();
    await expect(by("publisher", "name-publisher", next)).rejects.toThrow(/not the guardian/);
    await by("guardian", "name-publisher", next);
    await expect(by("stranger", "accept-publisher")).rejects.toThrow(/publisher too early/);
    await expect(by("guardian", "reject-publisher")).rejects.toThrow(/not the treasury/);
    expect(await by("treasury", "reject-publisher")).toContain("Rejected");
    await expect(by("stranger", "accept-publisher")).rejects.toThrow(/not the publisher/);
    expect(await by("guardian", "name-publisher", next, "--dismiss")).toContain("is dismissed");
    await expect(by("publisher", "propose-cap", "1")).rejects.toThrow(/not the publisher/);
    await chain.advance(RewardDistributorTerms.PUBLISHER_DELAY + 1);
    expect(await by("stranger", "accept-publisher")).toContain("You are the publisher.");

    await by("guardian", "name-guardian", wallets.hot.toString());
    await expect(by("stranger", "accept-guardian")).rejects.toThrow(/refused/);
    expect(await by("hot", "accept-guardian")).toContain("You are the guardian.");
    await expect(by("guardian", "freeze")).rejects.toThrow(/not the guardian/);
  },
);

test(
  "a role's order needs no words to be printed, and a multisig that is none is refused",
  { timeout: 60_000 },
  async () => {
    const said = await chain.ton(null, ["freeze", ...at.distributor, "--link"]);
    expect(said).toMatch(
      /^From +\S+, nobody else\nTo .* \(distributor\)\nAmount .*\nMessage +Freeze .*\nPayload .*\nton:\/\/transfer\//,
    );
    await expect(chain.ton(null, ["freeze", ...at.distributor])).rejects.toThrow(/into TON_MNEMONIC/);
    const multisig = ["--multisig", at.vault[1]!];
    await expect(by("guardian", "freeze", ...multisig)).rejects.toThrow(/is not a multisig/);
  },
);
