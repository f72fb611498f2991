/** Epochs on the embedded chain: workers earn, an epoch closes, its root is proposed and opened, and its leaves are claimed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { serve } from "@hono/node-server";
import type { ServerType } from "@hono/node-server";
import { Cell, internal } from "@ton/core";
import type { Address } from "@ton/core";
import { mnemonicNew, mnemonicToPrivateKey } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { run } from "@starai/contracts/cli";
import { RewardDistributor, claimBody, plainBody } from "@starai/contracts/RewardDistributor";
import type { EpochView } from "@starai/protocol/contributor";
import { createApp } from "@starai/server/app";
import { pinHome } from "@starai/server/chain/home";
import { epochs } from "@starai/server/db/schema";
import { readClaims } from "@starai/server/earnings/claim-history";
import { myClaim } from "@starai/server/earnings/my-claim";
import { publishRound } from "@starai/server/earnings/publish-epoch";
import { publisherOf } from "@starai/server/earnings/publisher";
import { openAccount } from "@starai/server/ledger/open-account";
import { expectBooksRight } from "@starai/server/testing/books";
import { DONE, moveOf } from "@starai/server/testing/ledger";
import { operatorOver } from "@starai/server/testing/operator";
import type { TestOperator } from "@starai/server/testing/operator";
import { personOf } from "../src/testing/chain.ts";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import { epochEarners } from "./epoch-earners.ts";
import type { Earner } from "./epoch-earners.ts";
import { epochSteps } from "./epoch-steps.ts";

const COIN = 10n ** 9n;
const VERIFY = path.join(import.meta.dirname, "../../contracts/offchain/verify-epoch.ts");
const never = new AbortController().signal;

let house: ChainHouse;
let operator: TestOperator;
let server: ServerType;
let endpoint: string;
let folder: string;
let words: string[];
let payer: string;
let parts: Parameters<typeof publishRound>[1];
/** Ann signs with words, as the command line does; Ben by his key. */
let ann: Earner;
let ben: Earner;
const benKeys = personOf("Ben");

const { payIn, earnerOf, earn } = epochEarners(() => house);

beforeAll(async () => {
  house = await openChainHouse({ chain: { network: "sandbox" } });
  const { ctx, chain } = house;
  await pinHome(ctx, chain);
  operator = operatorOver({ db: ctx.db, pg: ctx.pg, tonClient: () => chain.client });
  folder = await mkdtemp(path.join(os.tmpdir(), "starai-epochs-"));
  server = serve({ fetch: house.test.ton.routes.fetch, port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}/ton/api/v2/jsonRPC`;
  words = await mnemonicNew(24);
  const { publicKey } = await mnemonicToPrivateKey(words);
  const annWallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: LOCAL_NETWORK_ID } });
  ann = await earnerOf(annWallet.address);
  ben = await earnerOf(benKeys.wallet.address);
  for (const { address } of [ann, ben]) await house.faucet.give(address, 5n * COIN);
  payer = await payIn(100n * COIN);
  parts = { chain, publisher: publisherOf(chain), proofs: ctx.proofs };
}, 120_000);
afterEach(() => expectRight());
afterAll(async () => {
  await house.ctx.proofs[Symbol.asyncDispose]();
  await new Promise((closed) => server.close(closed));
  await house[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The books add up and are what the chain shows; what a wallet has is what its leaf says and it has not claimed. */
async function expectRight() {
  await house.look();
  await expectBooksRight(house.ctx.pg);
  for (const [role, booked, there] of await house.mirrors()) expect([role, booked]).toEqual([role, there]);
  for (const earner of [ann, ben])
    expect(await unclaimed(earner)).toBe((await leafOf(earner)) - (await claimed(earner)));
}

const { see, aDayLater, close, round, publish, ...of } = epochSteps(
  () => house,
  () => parts,
);
const leafOf = ({ address }: Earner) => of.leafOf(address);
const unclaimed = ({ address }: Earner) => of.unclaimed(address);
const claimed = ({ address }: Earner) => of.claimed(address);

const publishersNumber = () => house.chain.client.open(house.roles.publisher.wallet).getSeqno();

/** The published file, as anybody gets it. */
async function download(epoch: number): Promise<string> {
  const answer = await createApp(house.ctx).request(`/epochs/${epoch}`);
  expect(answer.status).toBe(200);
  const file = path.join(folder, `epoch-${epoch}.txt`);
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  return file;
}

/** What `npm run verify-epoch` says of a file. */
async function verify(file: string): Promise<string> {
  const asked = [file, house.chain.distributor.toRawString(), "--endpoint", endpoint];
  const child = spawn(process.execPath, ["--import", "tsx", VERIFY, ...asked], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stdout.on("data", (text) => (said += String(text)));
  child.stderr.on("data", (text) => (said += String(text)));
  await once(child, "close");
  return said;
}

const stateOf = async (number: number) =>
  (await house.ctx.db.select().from(epochs)).find((epoch) => epoch.number === number)!.state;

test("an epoch closes, its root is proposed and opened, and anybody can rebuild it from the file", async () => {
  await earn(ann, (COIN * 4n) / 10n);
  await earn(ben, (COIN * 6n) / 10n);
  expect(await close()).toBe("early");
  expect(await round()).toBe("done");
  aDayLater();
  expect(await close()).toEqual({ number: 1, released: COIN });
  await publish();
  expect(await stateOf(1)).toBe("proposed");
  expect(await round()).toBe("done");
  expect(await stateOf(1)).toBe("active");
  const [listed] = (await (await createApp(house.ctx).request("/epochs")).json()) as EpochView[];
  expect(listed).toMatchObject({ number: 1, state: "active", leaves: 2, total: String(COIN) });
  // The chain's clock is a day ahead here; the notes that an epoch's end is compared with have the server's.
  expect(Math.abs(Date.parse(listed!.closedAt) - house.ctx.clock())).toBeLessThan(3_600_000);
  const said = await verify(await download(1));
  expect(said).toContain("yes  Its root is the current one");
  expect(said).not.toContain("NO ");
}, 120_000);

test("a file is known by its hash, and what is no closed epoch has none", async () => {
  const app = createApp(house.ctx);
  const first = await app.request("/epochs/1");
  const etag = first.headers.get("etag")!;
  const [listed] = (await (await app.request("/epochs")).json()) as EpochView[];
  expect(etag).toBe(`"${listed!.dataHash}"`);
  expect((await app.request("/epochs/1", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await app.request("/epochs/2")).status).toBe(404);
  for (const none of ["0", "-1", "1.5", "x", "9999999999999"])
    expect((await app.request(`/epochs/${none}`)).status).toBe(400);
  expect((await app.request("/api/my/claim")).status).toBe(401);
});

test("a leaf is claimed from the command line with the published file", async () => {
  const before = await house.chain.client.getBalance(ann.address);
  const said: string[] = [];
  const asked = ["claim", await download(1), "--endpoint", endpoint];
  await run(asked, { TON_MNEMONIC: words.join(" ") }, (line) => said.push(line));
  expect(said.join("\n")).toContain("Paid       0.4");
  await house.look();
  expect(await claimed(ann)).toBe((COIN * 4n) / 10n);
  expect(await unclaimed(ann)).toBe(0n);
  const gained = (await house.chain.client.getBalance(ann.address)) - before;
  expect(gained > (COIN * 39n) / 100n && gained < (COIN * 4n) / 10n).toBe(true);
}, 120_000);

test("a leaf is claimed by a wallet with the proof that the app is given, and there is nothing for others", async () => {
  const proof = await myClaim(house.ctx, ben.person);
  expect(proof).toMatchObject({ epoch: 1, cumulative: String((COIN * 6n) / 10n), deploy: true });
  const body = claimBody({ owner: ben.address, deploy: proof.deploy, proof: Cell.fromBase64(proof.proof) });
  await house.test.sendFrom(
    benKeys,
    internal({ to: house.chain.distributor, value: BigInt(proof.value), bounce: true, body }),
  );
  await house.look();
  expect(await claimed(ben)).toBe((COIN * 6n) / 10n);
  expect(await unclaimed(ben)).toBe(0n);
  await expect(myClaim(house.ctx, ben.person)).rejects.toThrow(/All .* was claimed: there is nothing to claim yet/);
  await expect(myClaim(house.ctx, payer)).rejects.toThrow(/no wallet here/);
}, 120_000);

test("each claim is listed with the very transaction that paid it, and nobody's with another's", async () => {
  const { chain, ctx } = house;
  const shown = await chain.client.getTransactions(chain.distributor, { limit: 50 });
  const paidBy = ({ address }: Earner) =>
    shown.find(({ outMessages }) => outMessages.values().some(({ info }) => address.equals(info.dest as Address)));
  for (const [earner, amount] of [
    [ann, (COIN * 4n) / 10n],
    [ben, (COIN * 6n) / 10n],
  ] as const) {
    const paid = paidBy(earner)!;
    expect(await readClaims(ctx.pg, { chain, address: earner.address.toRawString() })).toEqual([
      {
        amount: String(amount),
        at: new Date(paid.now * 1_000).toISOString(),
        transaction: paid.hash().toString("hex"),
      },
    ]);
  }
  expect(await readClaims(ctx.pg, { chain, address: house.roles.publisher.wallet.address.toRawString() })).toEqual([]);
});

test("a vetoed root is dropped, its reason is readable, and its leaves are proposed anew", async () => {
  await earn(ann, COIN / 10n);
  aDayLater();
  expect(await close()).toEqual({ number: 2, released: COIN / 10n });
  expect([await round(), await round(), await round()]).toEqual(["write_file", "propose", "wait"]);
  expect(await operator("epochs")).toMatch(/2 {2}proposed .*It can be opened from/);
  const { chain, roles } = house;
  await house.pay(roles.guardian, {
    to: chain.distributor,
    value: COIN / 10n,
    bounce: true,
    body: plainBody("VetoRoot"),
  });
  await house.look();
  expect(await round()).toBe("done");
  expect(await stateOf(2)).toBe("dropped");
  expect(await operator("epochs")).toContain("The guardian vetoed it");
  expect(await operator("epochs", "propose", "--why", "the veto was a mistake")).toContain("Epoch 3 is closed");
  expect(await operator("epochs", "propose", "--why", "once more")).toContain("on its way to the chain already");
  // The very same proposal is not sent again at once: the chain may have refused it.
  expect([await round(), await round()]).toEqual(["write_file", "busy"]);
  house.test.opened.clock.advance(11 * 60_000);
  expect([await round(), await round()]).toEqual(["propose", "wait"]);
  aDayLater();
  expect(await round()).toBe("activate");
  await round();
  expect(await stateOf(3)).toBe("active");
  expect(await operator("epochs")).toContain("3 (the distributor's 2)  active");
  expect(await verify(await download(3))).not.toContain("NO ");
}, 120_000);

test("a frozen distributor opens nothing until its guardian says so, and nothing is lost", async () => {
  await earn(ben, 3n * COIN);
  aDayLater();
  expect(await close()).toEqual({ number: 4, released: 3n * COIN });
  const { chain, roles } = house;
  const guardian = (message: "Freeze" | "Unfreeze") =>
    house.pay(roles.guardian, { to: chain.distributor, value: COIN / 10n, bounce: true, body: plainBody(message) });
  expect(await round()).toBe("write_file");
  // Two servers at once, with the key and the database of this house: its root is proposed once.
  const numberBefore = await publishersNumber();
  const other = { ...parts, publisher: publisherOf(chain) };
  const seen = await see();
  await Promise.all([parts, other].map((one) => publishRound(house.ctx, one, { seen, signal: never })));
  await house.embedded.settled();
  expect((await publishersNumber()) - numberBefore).toBe(1);
  await guardian("Freeze");
  aDayLater();
  expect(await round()).toBe("wait");
  expect(await operator("epochs")).toContain("The guardian froze the distributor");
  await guardian("Unfreeze");
  house.test.opened.clock.advance(11 * 60_000);
  expect(await round()).toBe("activate");
}, 120_000);

test("what is worth it is claimed by the operator for its owner, once", async () => {
  const before = await house.chain.client.getBalance(ben.address);
  expect(await round()).toBe("claims");
  const gained = (await house.chain.client.getBalance(ben.address)) - before;
  // His wallet pays for taking it.
  expect(gained > 3n * COIN - COIN / 1_000n && gained <= 3n * COIN).toBe(true);
  expect(await claimed(ben)).toBe((COIN * 36n) / 10n);
  expect(await round()).toBe("done");
  // Ann's tenth of a coin is not worth it; it waits for her.
  expect(await unclaimed(ann)).toBe(COIN / 10n);
}, 120_000);

test("a claim of more than the books owe is booked all the same, and the operator reads of it", async () => {
  const { ctx } = house;
  expect(await operator("chain")).not.toContain("more than the books owe");
  const owner = `wallet:${ann.address.hash.toString("hex")}`;
  const from = await openAccount(ctx.pg, { asset: "coin", kind: "earner", owner });
  const to = await openAccount(ctx.pg, { asset: "coin", kind: "own", owner: "pool" });
  expect(await ctx.ledger.do(moveOf({ from, to, amount: COIN / 20n, kind: "fault" }))).toEqual(DONE);
  const asked = ["claim", await download(4), "--endpoint", endpoint];
  await run(asked, { TON_MNEMONIC: words.join(" ") }, () => undefined);
  await house.look();
  expect(await unclaimed(ann)).toBe(0n);
  expect(await claimed(ann)).toBe(COIN / 2n);
  expect(await operator("chain")).toContain("1 claims were paid of more than the books owe");
}, 120_000);

test("an endpoint that is down, or behind the books, changes nothing", async () => {
  const seen = await see();
  expect(await publishRound(house.ctx, parts, { seen: { ...seen, lt: 1n }, signal: never })).toBe("behind");
  const down = operatorOver({
    db: house.ctx.db,
    pg: house.ctx.pg,
    tonClient: () => {
      throw new Error("the endpoint does not answer");
    },
  });
  expect(await down("epochs")).toContain("The chain does not say anything now");
  expect((await house.chain.client.open(new RewardDistributor(house.chain.distributor)).getData()).epoch).toBe(3);
});
