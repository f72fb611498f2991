/** The operator is gone: only the chain runs. `npm run ton` alone gives people access to everything they own. */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Cell, contractAddress, toNano } from "@ton/core";
import type { Address, Sender } from "@ton/core";
import { keyPairFromSeed, mnemonicNew, sha256_sync } from "@ton/crypto";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import { run } from "@starai/contracts/cli";
import { ContributorAccountTerms } from "@starai/contracts/contributor-account-codes";
import { Escrow } from "@starai/contracts/Escrow";
import { EscrowTerms } from "@starai/contracts/escrow-codes";
import { RewardTree } from "@starai/contracts/merkle";
import { writeConsent } from "@starai/contracts/offchain/consent-file";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import { privateKeyOf } from "@starai/contracts/session-key";
import { signCloseConsent } from "@starai/contracts/voucher";
import type { CloseConsent } from "@starai/contracts/voucher";
import { compile } from "../../contracts/scripts/compile.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Deployment } from "../src/ton/deployment.ts";
import type { RoleWallet } from "../src/ton/roles.ts";
import { CHAIN_MAIN, LoneChain } from "./lone-chain.ts";

const DAY_S = 86_400;
const PLENTY = toNano("0.5");
/** Wallet mnemonics, the only things that Ann and her friend need. */
const ANN = await mnemonicNew(24);
const FRIEND = await mnemonicNew(24);
const SESSION_KEY = keyPairFromSeed(sha256_sync("a session's key")).publicKey.toString("hex");

let chain: LoneChain;
let stack: Deployment;

beforeAll(async () => {
  chain = await LoneChain.start();
  stack = chain.deployment;
});
afterAll(() => chain[Symbol.asyncDispose]());

/** Output of `npm run ton -- …`, run by Ann. */
const ton = async (...words: string[]) => tonBy(ANN, words);
const tonBy = async (mnemonic: string[], words: string[]) => chain.ton(mnemonic, words);
const fundedWallet = async (mnemonic: string[]) => chain.fundedWallet(mnemonic);

/** The operator's part of an epoch: writes the leaf file and proposes its root. */
async function propose(
  publisher: Sender,
  epoch: number,
  owner: Address,
  amount: bigint,
  to = stack.distributor,
): Promise<string> {
  const leaves = { keys: Buffer.from(owner.hash), amounts: BigUint64Array.of(amount) };
  const distributor = to.toRawString();
  const bytes = Buffer.concat([...writeLeafFile({ network: LOCAL_NETWORK_ID, distributor, epoch }, leaves)]);
  const file = path.join(chain.home, `epoch-${epoch}-${to.hash.toString("hex", 0, 4)}.txt`);
  await writeFile(file, bytes);
  const opened = chain.client().open(new RewardDistributor(to));
  await opened.sendProposeRoot(publisher, {
    value: PLENTY,
    epoch,
    root: numberOf(new RewardTree(leaves).root),
    totalCum: amount,
    dataHash: numberOf(sha256_sync(bytes)),
  });
  await chain.until("the root is proposed", async () => (await opened.getData()).pending !== null);
  return file;
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

test(
  "a contributor stakes, passes two epochs, and with every server stopped is paid exactly the sum, then unbonds",
  { timeout: 300_000 },
  async () => {
    const ann = await fundedWallet(ANN);
    const friend = await fundedWallet(FRIEND);
    const owner = ["--owner", ann.wallet.address.toString()];
    const distributor = ["--distributor", stack.distributor.toString()];
    expect(await ton("wallet")).toContain(ann.wallet.address.toString({ bounceable: false }));
    expect(await ton("account", ...distributor)).toContain("not there yet");
    expect(await ton("stake", "10", ...distributor)).toContain("10 GRAM at stake now");

    // Two epochs, published while the operator is there; it goes before opening the second, whose leaves cover both.
    const publisher = chain.sender(chain.role("publisher"));
    const opened = chain.client().open(new RewardDistributor(stack.distributor));
    await propose(publisher, 1, ann.wallet.address, toNano("1.5"));
    await chain.advance(DAY_S + 1);
    await opened.sendActivateRoot(chain.sender(friend), PLENTY);
    await chain.until("the root is active", async () => (await opened.getData()).epoch === 1);
    const file = await propose(publisher, 2, ann.wallet.address, toNano("4.000000007"));
    await expect(ton("claim", file)).rejects.toThrow(/opens on .* \(in (2\d hours|1 day)/);

    expect(await chain.stop()).toBe(0); // The stack is gone …
    await chain.resume(); // … but not the network and its state.

    await chain.advance(DAY_S + 1);
    const claimed = await tonBy(FRIEND, ["claim", file, ...owner]);
    expect(claimed).toContain("nobody has opened it");
    expect(claimed).toContain("Paid       4.000000007 GRAM");
    const paid = async () =>
      (await chain.client().getTransactions(ann.wallet.address, { limit: 40 })).flatMap(({ inMessage }) => {
        const came = inMessage?.info;
        return came?.type === "internal" && came.src.equals(stack.distributor) ? [came.value.coins] : [];
      });
    await chain.until("the payment arrives", async () => (await paid()).length === 1);
    expect(await paid()).toEqual([toNano("4.000000007")]);
    expect(await ton("claim", file)).toContain("Nothing to do: all of it is paid.");
    await expect(tonBy(FRIEND, ["claim", file])).rejects.toThrow(/names nothing for/);

    await expect(ton("unbond", "10.5", ...distributor)).rejects.toThrow(
      /account refused: above stake \(exit code 605\)/,
    );
    expect(await ton("unbond", "10", ...distributor)).toMatch(/Unbonding 10 GRAM, free on .* \(in [67] days/);
    const before = await signed(ann);
    await expect(ton("withdraw", ...distributor)).rejects.toThrow(
      /home yet\. Unbonding: 10 GRAM, free on .* \(in [67] days/,
    );
    expect(await signed(ann)).toBe(before);
    await chain.advance(ContributorAccountTerms.UNBOND_SECONDS);
    const poor = await chain.client().getBalance(ann.wallet.address);
    expect(await ton("withdraw", ...distributor)).toContain("10 GRAM came home");
    expect((await chain.client().getBalance(ann.wallet.address)) - poor).toBeGreaterThan(toNano("9.99"));
    expect(await paid()).toEqual([toNano("4.000000007")]);
    await expect(ton("withdraw", ...distributor)).rejects.toThrow(/Nothing is unbonding/);
  },
);

/** Number of messages a wallet has signed; a command refused before sending costs no fee. */
const signed = async ({ wallet }: RoleWallet) => chain.client().open(wallet).getSeqno();

test(
  "a user opens an escrow and tops it up, and with every server stopped takes all of it home after a day",
  { timeout: 300_000 },
  async () => {
    const ann = await fundedWallet(ANN);
    await fundedWallet(FRIEND);
    const { publicKey, made, escrow, named } = escrowOf(ann, "the provider's key");
    const opening = ["--session-key", SESSION_KEY, "--daily-cap", "1"];
    await expect(ton("escrow", ...made)).rejects.toThrow(/There is no escrow at/);
    await expect(ton("escrow-open", "1", ...made)).rejects.toThrow(/Pass --session-key, .* --daily-cap/);
    const elsewhere = ["--vault", stack.distributor.toString(), "--provider-key", publicKey.toString("hex")];
    await expect(ton("escrow-open", "1", ...elsewhere, ...opening)).rejects.toThrow(/is not a Vault/);
    expect(await ton("escrow-open", "0.5", ...made, ...opening)).toContain(escrow.address.toString());
    await expect(ton("escrow-open", "1", ...made, ...opening)).rejects.toThrow(/is open already: `escrow-top-up`/);
    const had = await escrow.getSpendable();
    expect(had).toBeGreaterThanOrEqual(toNano("0.5"));
    expect(await tonBy(FRIEND, ["escrow-top-up", "5", ...named])).toMatch(/Balance +5\.5\d* GRAM above/);
    expect((await escrow.getSpendable()) - had).toBeGreaterThanOrEqual(toNano(5));

    const before = await signed(ann);
    await expect(ton("escrow-withdraw", ...named)).rejects.toThrow(/not requested: `escrow-close` does/);
    await expect(tonBy(FRIEND, ["escrow-close", ...named])).rejects.toThrow(/use the words of that wallet/);
    expect(await signed(ann)).toBe(before);
    expect(await ton("escrow-close", ...made)).toMatch(/`escrow-withdraw` works from .* \(in (1 day|23 hours)/);
    await expect(ton("escrow-close", ...named)).rejects.toThrow(/requested already: .* \(in (1 day|23 hours)/);
    await expect(ton("escrow-withdraw", ...named)).rejects.toThrow(
      /yet: `escrow-withdraw` works from .* \(in (1 d|23)/,
    );
    expect(await signed(ann)).toBe(before + 1);
    await chain.advance(EscrowTerms.CLOSE_DELAY);
    expect(await ton("escrow", ...named)).toContain("ripe: run `escrow-withdraw`");
    const poor = await chain.client().getBalance(ann.wallet.address);
    expect(await ton("escrow-withdraw", ...named)).toMatch(/^Sent.*\n5\.\d+ GRAM came home/);
    expect((await chain.client().getBalance(ann.wallet.address)) - poor).toBeGreaterThan(toNano("5.4"));
    expect(await escrow.getSpendable()).toBe(0n);
    // A contract that is not an escrow gets nothing.
    await expect(ton("escrow-close", "--escrow", stack.till.toString())).rejects.toThrow(/is not an escrow/);
  },
);

test(
  "a user leaves at once with the provider's consent, and not with a forged, stale or dearer one",
  { timeout: 300_000 },
  async () => {
    const ann = await fundedWallet(ANN);
    const { made, escrow, named, seed } = escrowOf(ann, "a kind provider's key");
    await ton("escrow-open", "3", ...made, "--session-key", SESSION_KEY, "--daily-cap", "1");
    const before = await signed(ann);
    const nowS = await chain.nowS();
    const terms = {
      networkId: LOCAL_NETWORK_ID,
      escrow: escrow.address.toRawString(),
      round: 0,
      validUntil: nowS + 600,
    };
    const close = async (most: string, changed: Partial<CloseConsent> = {}, key = seed) => {
      const consent = { ...terms, cumulative: toNano("0.25"), ...changed };
      const file = path.join(chain.home, "consent.json");
      const signature = await signCloseConsent(consent, await privateKeyOf(key));
      await writeFile(file, writeConsent({ ...consent, signature }));
      return ton("escrow-close-together", most, ...named, "--consent", file);
    };
    const lost = ton("escrow-close-together", "1", ...named, "--consent", path.join(chain.home, "lost.json"));
    await expect(lost).rejects.toThrow(/no file to read at .*lost\.json/);
    await expect(close("1", {}, sha256_sync("a thief's key"))).rejects.toThrow(/has not signed this consent/);
    await expect(close("1", { validUntil: nowS - 60 })).rejects.toThrow(/was good until .* ago/);
    await expect(close("1", { round: 1 })).rejects.toThrow(/of another round/);
    await expect(close("1", { escrow: stack.till.toRawString() })).rejects.toThrow(/not for this escrow/);
    await expect(close("1", { networkId: -239 })).rejects.toThrow(/not for this escrow/);
    await expect(close("0.2")).rejects.toThrow(/takes up to 0\.25 GRAM, and you allow 0\.2 GRAM/);
    await expect(close("0", { cumulative: 2n ** 100n })).rejects.toThrow(
      /takes up to \d{22}\.\d+ GRAM, and you allow 0 GRAM/,
    );
    expect(await signed(ann)).toBe(before);
    expect(await close("0.25")).toMatch(/0\.25 GRAM went to the provider, 2\.7\d+ GRAM came home/);
    expect(await escrow.getState()).toMatchObject({ settled: toNano("0.25"), round: 1 });
    expect(await escrow.getSpendable()).toBe(0n);
  },
);

test("a leaf file that names a look-alike of the distributor gets nothing, whatever the look-alike says a claim must bring", async () => {
  const [ann, friend] = [await fundedWallet(ANN), await fundedWallet(FRIEND)];
  const asksForty = await compile("RewardDistributor", (_, source) =>
    source.replace("return claimFloor(GAS_CLAIM, deploy)", 'return ton("40")'),
  );
  // The compilation blocks this process, and meanwhile the chain closes its idle connections: they must be seen to be closed.
  await new Promise((next) => setTimeout(next, 100));
  const terms = { epochCap: toNano(100), epochSeconds: DAY_S, delaySeconds: 1, slashesPerDay: 1 };
  const roles = {
    publisher: friend.wallet.address,
    guardian: ann.wallet.address,
    treasury: stack.deposits,
    refunds: stack.refunds,
  };
  const init = {
    code: Cell.fromBase64(asksForty.code),
    data: RewardDistributor.fromTerms({ ...terms, ...roles }).init!.data!,
  };
  const lookAlike = chain.client().open(new RewardDistributor(contractAddress(0, init), init));
  await lookAlike.sendFund(chain.sender(friend), toNano(1));
  await chain.until("the look-alike is there", async () => chain.client().isContractDeployed(lookAlike.address));
  expect(await lookAlike.getClaimValue({ deploy: true })).toBe(toNano(40));
  const file = await propose(chain.sender(friend), 1, ann.wallet.address, toNano(50), lookAlike.address);
  await chain.advance(60);

  const before = await chain.client().getBalance(ann.wallet.address);
  await expect(ton("claim", file)).rejects.toThrow(/is not a RewardDistributor .* send it nothing/);
  expect(await chain.client().getBalance(ann.wallet.address)).toBe(before);
});

/** Ann's escrow with a provider whose key is derived from these words, and its command line options. */
function escrowOf({ wallet }: RoleWallet, words: string) {
  const seed = sha256_sync(words);
  const { publicKey } = keyPairFromSeed(seed);
  const terms = { owner: wallet.address, vault: stack.till, providerKey: publicKey, networkId: LOCAL_NETWORK_ID };
  const escrow = chain.client().open(Escrow.of(terms));
  const made = ["--vault", stack.till.toString(), "--provider-key", publicKey.toString("hex")];
  return { seed, publicKey, escrow, made, named: ["--escrow", escrow.address.toString()] };
}

test("a second chain on the same folder reports in one line which one to stop, and leaves the first alone", async () => {
  const env = { ...process.env, STARAI_HOME: chain.home, CHAIN_PORT: "0" };
  const second = spawn(process.execPath, ["--import", "tsx", CHAIN_MAIN], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  second.stderr.on("data", (text) => (said += String(text)));
  expect(await new Promise((resolve) => second.once("close", resolve))).toBe(1);
  expect(said).toMatch(/^The data folder .* is in use by process \d+ .*\n$/);
  expect((await chain.client().getMasterchainInfo()).latestSeqno).toBeGreaterThan(0);
});

const nothing = () => {};

test("an impossible command is refused before anything is sent, and never with the mnemonic in its message", async () => {
  const env = { TON_MNEMONIC: ANN.slice(1).join(" ") };
  const endpoint = ["--endpoint", chain.endpoint];
  const told = await run(["wallet", ...endpoint], env, nothing).catch(String);
  expect(told).toContain("TON_MNEMONIC must be the 24 words");
  expect(told).not.toContain(ANN.slice(5, 7).join(" "));
  const anywhere = ["--distributor", stack.distributor.toString()];
  await expect(run(["stake", "1", ...anywhere, ...endpoint], {}, nothing)).rejects.toThrow(/into TON_MNEMONIC/);
  await expect(ton("stake", "1e3", "--distributor", stack.distributor.toString())).rejects.toThrow(
    /must be an amount in GRAM, as 10 or 0\.5, not "1e3"/,
  );
  const stranger = ["--distributor", stack.till.toString()];
  await expect(ton("stake", "1", ...stranger)).rejects.toThrow(/is not a RewardDistributor/);
  await expect(ton("stake", "1")).rejects.toThrow(/Pass --distributor/);
  await expect(ton("steal")).rejects.toThrow(/no command "steal"/);
  await expect(ton("stake", "5000", "--distributor", stack.distributor.toString())).rejects.toThrow(/has .* and needs/);
  await expect(run(["wallet", "--endpoint", "https://example.org/rpc"], env, nothing)).rejects.toThrow(/Which network/);
});
