/** `npm run ton -- watch` against a real chain: it says what changes, once, stops a root that takes earnings away, and redeems. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Address, toNano } from "@ton/core";
import { keyPairFromSeed, mnemonicNew, sha256_sync } from "@ton/crypto";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { Escrow } from "@starai/contracts/Escrow";
import { RewardTree } from "@starai/contracts/merkle";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { writeVoucher } from "@starai/contracts/offchain/voucher-file";
import { proposeRootBody, RewardDistributor, plainBody } from "@starai/contracts/RewardDistributor";
import { privateKeyOf } from "@starai/contracts/session-key";
import { Vault, vaultBody } from "@starai/contracts/Vault";
import { signVoucher } from "@starai/contracts/voucher";
import { afterAll, beforeAll, expect, test } from "vitest";
import { personOf } from "../src/testing/chain.ts";
import { openLink } from "../src/ton/link-wallet.ts";
import { LoneChain } from "./lone-chain.ts";

const DAY_S = 86_400;
const PLENTY = toNano("0.1");
const WATCHER = await mnemonicNew(24);
const [ALICE, BOB] = [new Address(0, Buffer.alloc(32, 1)), new Address(0, Buffer.alloc(32, 2))];

let chain: LoneChain;
let files: string;
beforeAll(async () => {
  chain = await LoneChain.start();
  files = path.join(chain.home, "files");
  await mkdir(files);
  await chain.fundedWallet(WATCHER);
});
afterAll(() => chain[Symbol.asyncDispose]());

/** One look. What was said before is in the memory, as after a restart. */
async function look(memory: string, ...words: string[]): Promise<string[]> {
  return lookBy(null, memory, words);
}
async function lookBy(mnemonic: string[] | null, memory: string, words: string[]): Promise<string[]> {
  const said = await chain.ton(mnemonic, ["watch", "--once", "--memory", path.join(chain.home, memory), ...words]);
  return said.split("\n").slice(1);
}

/** Publishes a file for these leaves and has the publisher propose its root. */
async function propose(
  epoch: number,
  amounts: readonly (readonly [Address, bigint])[],
  { publish = true, announce }: { publish?: boolean; announce?: string } = {},
) {
  const { distributor: address } = chain.deployment;
  const leaves = {
    keys: Buffer.concat(amounts.map(([owner]) => owner.hash)),
    amounts: BigUint64Array.from(amounts, ([, amount]) => amount),
  };
  const header = { network: LOCAL_NETWORK_ID, distributor: address.toRawString(), epoch };
  const bytes = Buffer.concat([...writeLeafFile(header, leaves)]);
  const hash = sha256_sync(bytes);
  if (publish) await writeFile(path.join(files, hash.toString("hex")), bytes);
  const distributor = chain.client().open(new RewardDistributor(address));
  const { totalCum } = await distributor.getData();
  const total = amounts.reduce((sum, [, amount]) => sum + amount, 0n);
  const dataHash = announce === undefined ? numberOf(hash) : BigInt(`0x${announce}`);
  const root = { epoch, root: numberOf(new RewardTree(leaves).root), dataHash };
  const body = proposeRootBody({ ...root, totalCum: total > totalCum ? total : totalCum });
  await distributor.sendBody(chain.sender(chain.role("publisher")), { value: PLENTY, body });
  await chain.until("the root is proposed", async () => (await distributor.getData()).pending !== null);
  return { distributor, hash: hash.toString("hex"), bytes };
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

test(
  "a root is verified from its file; one that lowers a leaf is challenged, with a wallet or by a link",
  { timeout: 300_000 },
  async () => {
    const at = ["--distributor", chain.deployment.distributor.toString(), "--files", files];
    expect(await look("roots", ...at)).toEqual([]);
    const { distributor, hash, bytes } = await propose(
      1,
      [
        [ALICE, toNano(3)],
        [BOB, toNano(4)],
      ],
      { publish: false },
    );
    expect(await look("roots", ...at)).toEqual([
      expect.stringMatching(/^changed .*: the root of epoch 1 is pending, with 7 GRAM of new debt, until /),
      expect.stringMatching(new RegExp(`^ALARM .*cannot be verified: no file has the name ${hash}`)),
    ]);
    expect(await look("roots", ...at)).toEqual([]); // Said once.
    await writeFile(path.join(files, hash), Buffer.concat([bytes, Buffer.from("x")]));
    expect(await look("roots", ...at)).toEqual([expect.stringMatching(/^ALARM .*cannot be verified: Line 9 /)]);
    await writeFile(path.join(files, hash), bytes);
    expect(await look("roots", ...at)).toEqual([expect.stringMatching(/^changed .*2 leaves, and nobody loses$/)]);

    await chain.advance(DAY_S + 1);
    const anybody = chain.sender(chain.role("operator"));
    await distributor.sendActivateRoot(anybody, PLENTY);
    await chain.until("the root is active", async () => (await distributor.getData()).epoch === 1);
    // Bob's earnings are given to Alice.
    await propose(2, [[ALICE, toNano(8)]]);
    const lowered = await lookBy(WATCHER, "roots", [...at, "--dry-run"]);
    expect(lowered.at(-1)).toMatch(
      /^ALARM .* lowers a leaf: \S+ had 4 GRAM and would have 0 GRAM; challenge: open in a wallet: ton:/,
    );
    const link = /ton:\/\/\S+/.exec(lowered.at(-1)!)![0];
    await openLink({ ...chain.role("treasury"), client: chain.client() }, link, await chain.nowS());
    await chain.until("the root is dropped", async () => (await distributor.getData()).pending === null);

    await propose(2, [
      [ALICE, toNano(3)],
      [BOB, toNano(4) - 1n],
    ]);
    const challenged = await lookBy(WATCHER, "roots", at);
    expect(challenged.at(-1)).toMatch(/^ALARM .*had 4 GRAM and would have 3\.999999999 GRAM; challenge: done$/);
    expect((await distributor.getData()).pending).toBeNull();

    // A root that takes Bob's earnings, announced as the file of the root before it.
    await propose(2, [[ALICE, toNano(8)]], { announce: hash });
    expect((await lookBy(WATCHER, "roots", at)).at(-1)).toMatch(
      /^ALARM .*is not its file's; untrue: It is the file of the pending root; the guardian can veto it$/,
    );
    const guardian = chain.sender(chain.role("guardian"));
    await distributor.sendBody(guardian, { value: PLENTY, body: plainBody("VetoRoot") });
    await chain.until("the root is vetoed", async () => (await distributor.getData()).pending === null);

    // An honest root is left alone.
    await propose(2, [
      [ALICE, toNano(3)],
      [BOB, toNano(5)],
    ]);
    expect((await lookBy(WATCHER, "roots", at)).at(-1)).toMatch(/^changed .*2 leaves, and nobody loses$/);
    expect((await distributor.getData()).pending).not.toBeNull();
  },
);

test(
  "files are fetched from a URL, too, and a server that lies about one changes nothing",
  { timeout: 120_000 },
  async () => {
    const { pending } = await chain.client().open(new RewardDistributor(chain.deployment.distributor)).getData();
    const name = pending!.dataHash.toString(16).padStart(64, "0");
    let lie = true;
    const server = createServer((request, response) => {
      readFile(path.join(files, path.basename(request.url!))).then(
        (bytes) => response.end(lie && request.url!.includes(name) ? bytes.subarray(0, -1) : bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/leaves/`;
    const at = ["--distributor", chain.deployment.distributor.toString(), "--files", url];
    expect((await look("url", ...at)).at(-1)).toMatch(/^ALARM .*cannot be verified: Line 8 .* incomplete/);
    lie = false;
    expect(await look("url", ...at)).toEqual([expect.stringMatching(/nobody loses$/)]);
    server.close();
  },
);

test(
  "roles, limits, proposals and freezes are said once each, and not again after a restart",
  { timeout: 120_000 },
  async () => {
    const { distributor: address, deposits, till } = chain.deployment;
    const at = ["--distributor", address.toString(), "--vault", deposits.toString(), "--vault", till.toString()];
    const first = await look("roles", ...at);
    expect(first.join("\n")).not.toMatch(/guardian|limit|network/);
    const [guardian, treasury] = [chain.sender(chain.role("guardian")), chain.sender(chain.role("treasury"))];
    const client = chain.client();
    const [distributor, vault] = [client.open(new RewardDistributor(address)), client.open(new Vault(deposits))];
    await distributor.sendBody(guardian, { value: PLENTY, body: plainBody("Freeze") });
    const propose = vaultBody.propose({ what: { kind: "sweep", amount: toNano(9) } });
    await vault.sendBody(treasury, { value: PLENTY, body: propose });
    await chain.until("both are there", async () => {
      const frozen = (await distributor.getData()).frozenUntil > 0;
      return frozen && (await vault.getState()).proposal !== null;
    });
    expect(await look("roles", ...at)).toEqual([
      expect.stringMatching(/^ALARM .*: payouts are frozen until /),
      expect.stringMatching(
        /^ALARM .* \(deposits\): the treasury proposes 9 GRAM to the treasury; anybody can execute/,
      ),
    ]);
    expect(await look("roles", ...at)).toEqual([]);
    await vault.sendBody(guardian, { value: PLENTY, body: vaultBody.stopHot() });
    await chain.until("the vault is stopped", async () => (await vault.getState()).dailyLimit === 0n);
    expect(await look("roles", ...at)).toEqual([expect.stringMatching(/^ALARM .*the hot wallet is stopped$/)]);
    await expect(look("roles", "--vault", address.toString())).resolves.toEqual([
      expect.stringMatching(/^ALARM .*cannot be read: .* is not a Vault on this network/),
    ]);
    await writeFile(path.join(chain.home, "roles"), "{");
    await expect(look("roles", ...at)).rejects.toThrow(/is damaged: move it away/);
  },
);

test(
  "a voucher is redeemed when it is worth it, or when its escrow closes; a stranger's signature never",
  { timeout: 120_000 },
  async () => {
    const owner = personOf("a payer");
    await chain.give(owner.wallet.address, toNano(10));
    const seed = sha256_sync("a payer's session");
    const { publicKey: sessionKey } = keyPairFromSeed(seed);
    const providerKey = keyPairFromSeed(sha256_sync("a provider")).publicKey;
    const terms = {
      owner: owner.wallet.address,
      vault: chain.deployment.till,
      providerKey,
      networkId: LOCAL_NETWORK_ID,
    };
    const { address } = Escrow.of(terms);
    const escrow = chain.client().open(new Escrow(address));
    const byLink = async (command: string, ...words: string[]) => {
      const named = ["--vault", terms.vault.toString(), "--provider-key", providerKey.toString("hex"), "--link"];
      const said = await chain.ton(null, [command, ...words, ...named, "--owner", owner.wallet.address.toString()]);
      await openLink({ ...owner, client: chain.client() }, said.split("\n").at(-1)!, await chain.nowS());
    };
    await byLink("escrow-open", "2", "--session-key", sessionKey.toString("hex"), "--daily-cap", "1");
    await chain.until("the escrow is open", async () => (await escrow.getState()).keys.length === 1);

    const folder = path.join(chain.home, "vouchers");
    await mkdir(folder);
    const give = async (cumulative: bigint, key = seed) => {
      const voucher = { networkId: LOCAL_NETWORK_ID, escrow: address.toRawString(), round: 0, cumulative };
      const signature = await signVoucher(voucher, await privateKeyOf(key));
      await writeFile(path.join(folder, `${cumulative}.json`), writeVoucher({ ...voucher, signature }));
    };
    const at = ["--escrow", address.toString(), "--vouchers", folder];
    await give(toNano("0.03"));
    expect(await lookBy(WATCHER, "redeemer", at)).toEqual([]);
    await give(toNano("0.06"));
    expect(await lookBy(WATCHER, "redeemer", at)).toEqual([
      expect.stringMatching(/^done .*: a voucher of 0\.06 GRAM, 0\.06 GRAM of it unpaid: redeemed$/),
    ]);
    expect((await escrow.getState()).settled).toBe(toNano("0.06"));

    await give(toNano("0.08"));
    expect(await lookBy(WATCHER, "redeemer", at)).toEqual([]);
    await byLink("escrow-close");
    await chain.until("the close is requested", async () => (await escrow.getState()).ripeAt !== null);
    const closing = await lookBy(WATCHER, "redeemer", at);
    expect(closing).toEqual([
      expect.stringMatching(/^ALARM .*a close is requested/),
      expect.stringMatching(/^done .*0\.02 GRAM of it unpaid: redeemed$/),
    ]);
    expect((await escrow.getState()).settled).toBe(toNano("0.08"));

    await give(toNano("0.9"), sha256_sync("a thief"));
    await give(toNano("0.1"));
    expect(await lookBy(WATCHER, "redeemer", at)).toEqual([
      expect.stringMatching(/^ALARM .*a voucher of 0\.9 GRAM is signed by no key of this escrow$/),
      expect.stringMatching(/^done .*a voucher of 0\.1 GRAM, 0\.02 GRAM of it unpaid: redeemed$/),
    ]);
    await rm(path.join(folder, `${toNano("0.9")}.json`));
    await writeFile(path.join(folder, "rubbish.json"), "{}");
    expect(await lookBy(WATCHER, "redeemer", at)).toEqual([
      expect.stringMatching(/^ALARM .*1 files in .* are no vouchers, such as "rubbish\.json"/),
    ]);
  },
);

test("an endpoint that does not answer is said in words, once, and its return too", { timeout: 60_000 }, async () => {
  const at = ["--vault", chain.deployment.till.toString()];
  expect(await look("endpoint", ...at)).toEqual([]);
  await chain.stop();
  expect(await look("endpoint", ...at)).toEqual([
    expect.stringMatching(/^ALARM .*the endpoint fails: No server answers at http/),
  ]);
  expect(await look("endpoint", ...at)).toEqual([]);
  await chain.resume();
  expect(await look("endpoint", ...at)).toEqual([expect.stringMatching(/^changed the endpoint answers$/)]);
  await expect(look("endpoint")).rejects.toThrow(/Pass --distributor, --vault or --escrow/);
});
