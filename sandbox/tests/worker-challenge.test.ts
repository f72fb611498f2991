/** A worker's own look at its pool's roots, on a real chain: one that lowers its owner's leaf is stopped, whatever the pool shows. */
import { Address, toNano } from "@ton/core";
import { mnemonicNew, sha256_sync } from "@ton/crypto";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { RewardTree } from "@starai/contracts/merkle";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { plainBody, proposeRootBody, RewardDistributor } from "@starai/contracts/RewardDistributor";
import { Earnings } from "@starai/worker/earnings/earnings";
import { keepStanding } from "@starai/worker/earnings/standing-file";
import { makeWorkerHome, silent } from "@starai/worker/testing/worker-home";
import type { WorkerHome } from "@starai/worker/testing/worker-home";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LoneChain } from "./lone-chain.ts";

const DAY_S = 86_400;
const COIN = toNano(1);
const PLENTY = toNano("0.1");
const [ANNA, BOB] = [new Address(0, Buffer.alloc(32, 1)), new Address(0, Buffer.alloc(32, 2))];

/** A look takes seconds, as trees are built for it: what is of less weight waits for the long tier. */
const isLong = process.env["LONG_TESTS"] === "1";
const TIMEOUT_MS = 120_000;
const WORDS = await mnemonicNew(24);

let chain: LoneChain;
let worker: WorkerHome;
/** What the wallet has that pays for challenges. */
let balance: () => Promise<bigint>;
let first: PublishedFile;
beforeAll(async () => {
  chain = await LoneChain.start();
  const { wallet } = await chain.fundedWallet(WORDS);
  balance = () => chain.client().getBalance(wallet.address);
  worker = await makeWorkerHome();
  const owner = { name: "Anna", wallet: ANNA.toRawString() };
  await keepStanding(worker.config.home, worker.base, { owner, stake: "0", isPaid: true, heldUntilEpoch: null });
  first = epochOf(1, 3n, 4n);
  await propose(first);
  await activate(1);
  show([first, "active"]);
}, TIMEOUT_MS);
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await chain[Symbol.asyncDispose]();
});

const distributor = () => chain.client().open(new RewardDistributor(chain.deployment.distributor));
const pending = async () => (await distributor().getData()).pending;

type Leaves = readonly (readonly [Address, bigint])[];

function fileOf(epoch: number, amounts: Leaves, address: Address = chain.deployment.distributor) {
  const leaves = {
    keys: Buffer.concat(amounts.map(([owner]) => owner.hash)),
    amounts: BigUint64Array.from(amounts, ([, amount]) => amount),
  };
  const header = { network: LOCAL_NETWORK_ID, distributor: address.toRawString(), epoch };
  const bytes = Buffer.concat([...writeLeafFile(header, leaves)]);
  const total = amounts.reduce((sum, [, amount]) => sum + amount, 0n);
  return { epoch, bytes, total, root: Buffer.from(new RewardTree(leaves).root), hash: sha256_sync(bytes) };
}
/** Anna's leaf and Bob's, coins. */
const epochOf = (epoch: number, anna: bigint, bob: bigint) =>
  fileOf(epoch, [
    [ANNA, anna * COIN],
    [BOB, bob * COIN],
  ]);
type PublishedFile = ReturnType<typeof fileOf>;

const number = (bytes: Buffer) => BigInt(`0x${bytes.toString("hex")}`);

/** The publisher proposes a root, dated by its file. */
async function propose({ epoch, root, hash, total }: PublishedFile, totalCum = total): Promise<void> {
  const known = (await distributor().getData()).totalCum;
  const body = proposeRootBody({
    epoch,
    root: number(root),
    dataHash: number(hash),
    totalCum: totalCum > known ? totalCum : known,
  });
  await distributor().sendBody(chain.sender(chain.role("publisher")), { value: PLENTY, body });
  await chain.until("the root is proposed", async () => (await pending()) !== null);
}

async function activate(epoch: number): Promise<void> {
  await chain.advance(DAY_S + 1);
  await distributor().sendActivateRoot(chain.sender(chain.role("operator")), PLENTY);
  await chain.until("the root is active", async () => (await distributor().getData()).epoch === epoch);
}

async function veto(): Promise<void> {
  await distributor().sendBody(chain.sender(chain.role("guardian")), { value: PLENTY, body: plainBody("VetoRoot") });
  await chain.until("the root is vetoed", async () => (await pending()) === null);
}

/** What the pool shows of its epochs, the newest first. */
function show(...epochs: (readonly [PublishedFile, "active" | "proposed"])[]): void {
  const views = epochs.map(([{ epoch, bytes, hash, root, total }, state]) => {
    worker.pool.pages.set(`/epochs/${epoch}`, bytes);
    const [dataHash, rootHex] = [hash.toString("hex"), root.toString("hex")];
    const times = { closedAt: "2026-12-01T00:00:00.000Z", activeAt: null };
    return { number: epoch, state, ...times, root: rootHex, dataHash, leaves: 2, total: String(total) };
  });
  worker.pool.pages.set("/epochs", JSON.stringify(views));
}

/** A daemon's look after a start, and one an hour later; what its owner is told each time. */
async function looks(mnemonic: readonly string[] | null, times = 1): Promise<string[][]> {
  const told: string[] = [];
  const earnings = new Earnings({
    home: worker.config.home,
    worker: "ab".repeat(32),
    base: worker.base,
    logger: silent,
    pairsItself: false,
    chain: { TON_ENDPOINT: chain.endpoint, TON_MNEMONIC: mnemonic?.join(" ") },
    onEvent: (event) => event.kind === "words" && told.push(event.text),
  });
  const all: string[][] = [];
  for (let time = 0; time < times; time++) {
    await earnings.audit();
    all.push(told.splice(0));
  }
  await earnings.close();
  return all;
}

test(
  "a root that lowers the owner's leaf is told again and again, with a link, while there is no wallet",
  { timeout: TIMEOUT_MS },
  async () => {
    expect(await looks(WORDS)).toEqual([[]]);
    const lower = epochOf(2, 2n, 9n);
    await propose(lower);
    show([lower, "proposed"], [first, "active"]);
    const link = expect.stringMatching(
      /lowers a leaf: \S+ had 3 GRAM and would have 2 GRAM; challenge: open in a wallet: ton:/,
    );
    expect(await looks(null, 2)).toEqual([[link], [link]]);
    expect(await pending()).not.toBeNull();
  },
);

test(
  "with a wallet the worker stops it, and stops it once more when it is proposed again",
  { timeout: TIMEOUT_MS },
  async () => {
    expect(await looks(WORDS)).toEqual([[expect.stringMatching(/would have 2 GRAM; challenge: done$/)]]);
    expect(await pending()).toBeNull();
    await propose(epochOf(2, 2n, 9n));
    expect(await looks(WORDS)).toEqual([[expect.stringMatching(/challenge: done$/)]]);
    expect(await pending()).toBeNull();
  },
);

test.runIf(isLong)(
  "a root that takes another's pay is theirs to pay for: how is said",
  { timeout: TIMEOUT_MS },
  async () => {
    const [before, others] = [await balance(), epochOf(2, 9n, 1n)];
    await propose(others);
    show([others, "proposed"], [first, "active"]);
    expect(await looks(WORDS)).toEqual([[expect.stringMatching(/had 4 GRAM .*; challenge: open in a wallet: ton:/)]]);
    expect(await balance()).toBe(before);
    await veto();
  },
);

test(
  "a pool that shows an honest file for another root, other distributors' files or nothing deceives no worker",
  { timeout: TIMEOUT_MS },
  async () => {
    const hidden = epochOf(2, 1n, 9n);
    await propose(hidden);
    show([epochOf(2, 3n, 5n), "proposed"], [first, "active"]);
    const hash = hidden.hash.toString("hex");
    const unverified = expect.stringContaining(`cannot be verified: the pool shows no file with the hash ${hash}`);
    expect(await looks(WORDS)).toEqual([[unverified]]);
    show([fileOf(1, [[ANNA, toNano(3)]], BOB), "active"]);
    const strange = expect.stringContaining(`the pool's files are of the distributor ${BOB.toRawString()} now`);
    expect((await looks(WORDS))[0]).toEqual(expect.arrayContaining([strange, unverified]));
    worker.pool.pages.clear();
    expect(await looks(WORDS)).toEqual([[expect.stringContaining("cannot be verified")]]);
    await veto();
  },
);

test(
  "a pool that announces file after file does not push out the one that the next root is compared with",
  { timeout: TIMEOUT_MS },
  async () => {
    for (const other of [5, 6, 7, 8].map((epoch) => epochOf(epoch, 3n, 4n))) {
      show([other, "active"]);
      await looks(WORDS);
    }
    const lower = epochOf(2, 2n, 9n);
    await propose(lower);
    show([lower, "proposed"]);
    expect((await looks(WORDS))[0]).toContainEqual(expect.stringMatching(/would have 2 GRAM; challenge: done$/));
  },
);

test("an honest root is left alone", { timeout: TIMEOUT_MS }, async () => {
  const [before, honest] = [await balance(), epochOf(2, 3n, 5n)];
  await propose(honest);
  show([honest, "proposed"], [first, "active"]);
  expect(await looks(WORDS)).toEqual([[]]);
  expect(await pending()).not.toBeNull();
  expect(await balance()).toBe(before);
  await activate(2);
});

test(
  "a challenge that the distributor refuses is paid for once, also over restarts",
  { timeout: TIMEOUT_MS },
  async () => {
    // A current leaf above the total proves nothing against the next root.
    const [wild, sane] = [epochOf(3, 900n, 5n), epochOf(4, 4n, 5n)];
    await propose(wild, 9n * COIN);
    await activate(3);
    await propose(sane);
    show([sane, "proposed"], [wild, "active"]);
    expect(await looks(WORDS)).toEqual([[expect.stringMatching(/challenge: not done: The distributor refused/)]]);
    const paid = await balance();
    const once = expect.stringContaining("was refused, and is not paid for again");
    expect(await looks(WORDS, 2)).toEqual([[once], [once]]);
    expect(await balance()).toBe(paid);
  },
);
