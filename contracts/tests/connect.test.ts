/** Requests that a page builds for a wallet, against the wrappers' messages and on the real TVM. */
import { Address, beginCell, Cell, contractAddress, loadStateInit } from "@ton/core";
import type { StateInit } from "@ton/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accountAddress,
  claimRequest,
  stakeRequest,
  unbondRequest,
  withdrawUnbondedRequest,
} from "../wrappers/connect/contributor-requests.ts";
import { depositRequest } from "../wrappers/connect/deposit-request.ts";
import {
  addKeyRequest,
  cancelCloseRequest,
  closeTogetherRequest,
  escrowAddress,
  openRequest,
  raiseCapRequest,
  requestCloseRequest,
  topUpRequest,
  withdrawRequest,
} from "../wrappers/connect/escrow-requests.ts";
import { REQUEST_SECONDS } from "../wrappers/connect/wallet-request.ts";
import type { WalletRequest } from "../wrappers/connect/wallet-request.ts";
import {
  ContributorAccount,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "../wrappers/ContributorAccount.ts";
import { Escrow, escrowBody } from "../wrappers/Escrow.ts";
import { claimBody } from "../wrappers/RewardDistributor.ts";
import { privateKeyOf } from "../wrappers/session-key.ts";
import { vaultBody } from "../wrappers/Vault.ts";
import { signCloseConsent } from "../wrappers/voucher.ts";
import { coins, exitCodeAt, fundsWorld, providerKeys, sessionKeys, thiefKeys } from "./test-funds.ts";
import { DAY, RewardWorld, treeOf } from "./test-rewards.ts";

const nano = fc
  .tuple(fc.bigInt({ min: 1n, max: 2n ** 100n }), fc.nat(100))
  .map(([value, bits]) => BigInt.asUintN(bits, value) + 1n);
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const addresses = hashes.map((hash) => new Address(0, hash));
const queryIds = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const terms = fc.record({ networkId: fc.constantFrom(-239, -3, 5), nowS: fc.nat(2 ** 32 - 1), queryId: queryIds });
const keys = fc.constantFrom(sessionKeys.publicKey, providerKeys.publicKey, thiefKeys.publicKey);

/** A request as a wallet reads it. */
function opened({ messages, network, validUntil }: WalletRequest) {
  const [{ address, amount, payload, stateInit }] = messages;
  const { address: to, isBounceable: bounce, isTestOnly: testOnly } = Address.parseFriendly(address);
  const init = stateInit === undefined ? undefined : loadStateInit(Cell.fromBase64(stateInit).beginParse());
  return { to, bounce, testOnly, value: BigInt(amount), body: Cell.fromBase64(payload), init, network, validUntil };
}

/** What a message does, comparable. */
const message = ({ to, body, init }: { to: Address; body: Cell; init?: StateInit | undefined }) => ({
  to: to.toRawString(),
  body: body.hash().toString("hex"),
  init: init && contractAddress(0, init).toRawString(),
});

/** Asserts that a request carries this message of the wrappers. */
function expectSame(request: WalletRequest, wrapped: Parameters<typeof message>[0]) {
  expect(message(opened(request))).toEqual(message(wrapped));
}

describe("a request", () => {
  test("to deposit carries the wrapper's body, and exactly the deposit", () => {
    fc.assert(
      fc.property(terms, addresses, nano, queryIds, (at, vault, amount, userId) => {
        const request = depositRequest(at, { vault: vault.toRawString(), amount, userId });
        expectSame(request, { to: vault, body: vaultBody.deposit({ queryId: at.queryId, userId }) });
        expect(opened(request)).toMatchObject({
          value: amount,
          bounce: true,
          testOnly: at.networkId !== -239,
          network: String(at.networkId),
          validUntil: at.nowS + REQUEST_SECONDS,
        });
      }),
    );
  });

  test("to open an escrow carries the wrapper's body, StateInit and address", async () => {
    await fc.assert(
      fc.asyncProperty(terms, addresses, addresses, nano, nano, keys, keys, async (at, ...rest) => {
        const [owner, vault, amount, dailyCap, providerKey, sessionKey] = rest;
        const escrow = Escrow.of({ owner, vault, providerKey, networkId: at.networkId });
        const opening = { owner: owner.toRawString(), vault: vault.toRawString(), providerKey };
        const request = await openRequest(at, { ...opening, amount, sessionKey, dailyCap });
        const body = escrowBody.setKey({ queryId: at.queryId, sessionKey, dailyCap });
        expectSame(request, { to: escrow.address, init: escrow.init, body });
        expect(opened(request).value).toBeGreaterThanOrEqual(amount);
        expect(await escrowAddress({ ...opening, networkId: at.networkId })).toBe(escrow.address.toRawString());
      }),
      { numRuns: 40 },
    );
  });

  test("to an open escrow carries the wrapper's body: top up, add a key, raise the cap, close, take it back, withdraw, close together", () => {
    const signatures = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(terms, addresses, nano, keys, signatures, fc.nat(2 ** 32 - 1), (at, to, amount, key, ...rest) => {
        const [signature, validUntil] = rest;
        const { queryId } = at;
        const escrow = to.toRawString();
        const consent = { cumulative: amount, validUntil, signature };
        const pairs: [WalletRequest, Cell][] = [
          [topUpRequest(at, { escrow, amount }), escrowBody.topUp({ queryId })],
          [addKeyRequest(at, { escrow, sessionKey: key }), escrowBody.addKey({ queryId, sessionKey: key })],
          [raiseCapRequest(at, { escrow, dailyCap: amount }), escrowBody.raiseCap({ queryId, dailyCap: amount })],
          [requestCloseRequest(at, { escrow }), escrowBody.requestClose({ queryId })],
          [cancelCloseRequest(at, { escrow }), escrowBody.cancelClose({ queryId })],
          [withdrawRequest(at, { escrow }), escrowBody.withdraw({ queryId })],
          [closeTogetherRequest(at, { escrow, ...consent }), escrowBody.closeTogether({ queryId, ...consent })],
        ];
        for (const [request, body] of pairs) expect(message(opened(request))).toEqual(message({ to, body }));
      }),
    );
  });

  test("to stake, unbond and withdraw carries the wrapper's body; a stake also the account's StateInit and address", async () => {
    await fc.assert(
      fc.asyncProperty(terms, addresses, addresses, nano, async (at, owner, distributor, amount) => {
        const { address, init } = new ContributorAccount({ owner, distributor });
        const raw = { owner: owner.toRawString(), distributor: distributor.toRawString() };
        const account = address.toRawString();
        const { queryId } = at;
        const stake = await stakeRequest(at, { ...raw, amount });
        expectSame(stake, { to: address, init, body: stakeBody(amount, queryId) });
        expect(await accountAddress(raw)).toBe(account);
        expectSame(unbondRequest(at, { account, amount }), { to: address, body: requestUnbondBody(amount, queryId) });
        expectSame(withdrawUnbondedRequest(at, { account }), { to: address, body: withdrawUnbondedBody(queryId) });
      }),
      { numRuns: 40 },
    );
  });

  test("to claim carries the wrapper's body with the proof as it was made", () => {
    const leaves = fc.uniqueArray(hashes, { minLength: 1, maxLength: 40, selector: (hash) => hash.toString("hex") });
    fc.assert(
      fc.property(terms, leaves, addresses, fc.boolean(), nano, (at, owners, to, deploy, claimValue) => {
        const tree = treeOf(owners.map((hash) => [new Address(0, hash), 1n] as const));
        const owner = new Address(0, owners[0]!);
        const proof = tree.proof(owner.hash);
        const claim = { owner: owner.toRawString(), deploy, proof: proof.toBoc().toString("base64"), claimValue };
        const request = claimRequest(at, { distributor: to.toRawString(), ...claim });
        expectSame(request, { to, body: claimBody({ owner, deploy, proof }, at.queryId) });
        expect(opened(request).value).toBeGreaterThan(claimValue);
      }),
    );
  });

  test("is not built of what no contract would take", async () => {
    const at = { networkId: -3, nowS: 0, queryId: 1n };
    const raw = `0:${"5a".repeat(32)}`;
    const friendly = Address.parse(raw).toString();
    const zero = Buffer.alloc(32);
    const opening = { owner: raw, vault: raw, amount: 1n, dailyCap: 1n };
    const providerKey = providerKeys.publicKey;
    const sessionKey = sessionKeys.publicKey;
    const proof = beginCell().storeUint(3, 8).endCell().toBoc().toString("base64");
    const claim = { distributor: raw, owner: raw, deploy: false, claimValue: 1n };
    const refused: [string, () => unknown][] = [
      ["raw", () => depositRequest(at, { vault: friendly, amount: 1n, userId: 1n })],
      ["carry money", () => depositRequest(at, { vault: raw, amount: 0n, userId: 1n })],
      ["value must fit", () => depositRequest(at, { vault: raw, amount: 2n ** 120n, userId: 1n })],
      ["userId must fit", () => depositRequest(at, { vault: raw, amount: 1n, userId: 2n ** 64n })],
      ["queryId must fit", () => depositRequest({ ...at, queryId: -1n }, { vault: raw, amount: 1n, userId: 1n })],
      [
        "networkId must fit",
        () => depositRequest({ ...at, networkId: 2 ** 31 }, { vault: raw, amount: 1n, userId: 1n }),
      ],
      ["integer", () => depositRequest({ ...at, nowS: 0.5 }, { vault: raw, amount: 1n, userId: 1n })],
      ["owner must fit", async () => openRequest(at, { ...opening, owner: friendly, providerKey, sessionKey })],
      ["providerKey must be", async () => openRequest(at, { ...opening, providerKey: zero, sessionKey })],
      ["sessionKey must be", async () => openRequest(at, { ...opening, providerKey, sessionKey: zero })],
      ["sessionKey must be", () => addKeyRequest(at, { escrow: raw, sessionKey: sessionKey.subarray(1) })],
      ["dailyCap must fit", () => raiseCapRequest(at, { escrow: raw, dailyCap: 2n ** 120n })],
      [
        "signature must fit",
        () => closeTogetherRequest(at, { escrow: raw, cumulative: 1n, validUntil: 1, signature: zero }),
      ],
      ["not a proof", () => claimRequest(at, { ...claim, proof })],
      ["not a bag of cells", () => claimRequest(at, { ...claim, proof: "nothing" })],
      ["owner must fit", () => claimRequest(at, { ...claim, owner: friendly, proof: proofOfOne })],
    ];
    for (const [why, build] of refused) await expect((async () => build())()).rejects.toThrow(why);
  });
});
const proofOfOne = treeOf([[new Address(0, Buffer.alloc(32, 1)), 1n]])
  .proof(Buffer.alloc(32, 1))
  .toBoc()
  .toString("base64");

describe.each(["june-2026", "before-april-2026"] as const)(
  "a wallet that sends what it was asked, at the prices %s",
  (prices) => {
    test("opens an escrow, uses it, closes it and takes the money home; a stranger who sends the same does not", async () => {
      const { chain, parties, vault, send } = await fundsWorld({ prices });
      const owner = parties.stranger.address;
      const opening = {
        owner: owner.toRawString(),
        vault: vault.address.toRawString(),
        providerKey: providerKeys.publicKey,
      };
      let queryId = 0n;
      const at = () => ({ networkId: chain.networkId, nowS: chain.time, queryId: ++queryId });
      const ask = async (request: WalletRequest, from: "stranger" | "hot" = "stranger") =>
        (await send({ from, ...opened(request) })).exitCode;

      const open = await openRequest(at(), {
        ...opening,
        amount: coins(3),
        sessionKey: sessionKeys.publicKey,
        dailyCap: coins(1),
      });
      expect(await ask(open, "hot")).not.toBe(0);
      expect(await ask(open)).toBe(0);
      const account = chain.openContract(new Escrow(opened(open).to));
      const escrow = account.address.toRawString();
      expect((await account.getState()).keys).toEqual([sessionKeys.publicKey]);
      expect(await account.getSpendable()).toBeGreaterThanOrEqual(coins(3));

      expect(await ask(topUpRequest(at(), { escrow, amount: coins(2) }), "hot")).toBe(0);
      expect(await account.getSpendable()).toBeGreaterThanOrEqual(coins(5));
      for (const request of [
        addKeyRequest(at(), { escrow, sessionKey: thiefKeys.publicKey }),
        raiseCapRequest(at(), { escrow, dailyCap: coins(2) }),
        requestCloseRequest(at(), { escrow }),
        cancelCloseRequest(at(), { escrow }),
        requestCloseRequest(at(), { escrow }),
      ]) {
        expect(await ask(request, "hot")).not.toBe(0);
        expect(await ask(request)).toBe(0);
      }
      const state = await account.getState();
      expect(state).toMatchObject({ dailyCap: coins(2), ripeAt: chain.time + DAY });
      expect(state.keys).toHaveLength(2);

      chain.advance(DAY);
      const before = await chain.balanceOf(owner);
      expect(await ask(withdrawRequest(at(), { escrow }))).toBe(0);
      expect((await chain.balanceOf(owner)) - before).toBeGreaterThan(coins(4.9));

      expect(await ask(topUpRequest(at(), { escrow, amount: coins(1) }))).toBe(0);
      const consent = { cumulative: coins(0.25), validUntil: chain.time + 600 };
      const key = await privateKeyOf(providerKeys.secretKey.subarray(0, 32));
      const signature = await signCloseConsent(
        { networkId: chain.networkId, escrow, round: (await account.getState()).round, ...consent },
        key,
      );
      expect(await ask(closeTogetherRequest(at(), { escrow, ...consent, signature }))).toBe(0);
      expect((await account.getState()).settled).toBe(coins(0.25));
    });

    test("deposits, and the vault keeps the money", async () => {
      const { chain, vault, send } = await fundsWorld({ prices });
      const at = { networkId: chain.networkId, nowS: chain.time, queryId: 7n };
      const before = await chain.balanceOf(vault.address);
      const request = depositRequest(at, { vault: vault.address.toRawString(), amount: coins(1), userId: 2n ** 63n });
      expect((await send({ from: "stranger", ...opened(request) })).exitCode).toBe(0);
      expect((await chain.balanceOf(vault.address)) - before).toBeGreaterThan(coins(0.99));
    });

    test("stakes, claims, unbonds and takes the stake home; a claim that attaches less than the chain says is refused", async () => {
      const world = await RewardWorld.open({ prices });
      const { chain, distributor } = world;
      const { wallet, address, account } = await world.contributor("alice");
      const raw = { owner: address.toRawString(), distributor: distributor.address.toRawString() };
      const at = { networkId: chain.networkId, nowS: chain.time, queryId: 7n };
      const ask = async (request: WalletRequest) => {
        const sent = opened(request);
        return exitCodeAt((await wallet.send(sent)).transactions, sent.to);
      };

      expect(await ask(await stakeRequest(at, { ...raw, amount: coins(5) }))).toBe(0);
      expect((await account.getData()).stake).toBe(coins(5));

      await world.publish(treeOf([[address, coins(2)]]));
      const proof = world.tree!.proof(address.hash).toBoc().toString("base64");
      const claimValue = await distributor.getClaimValue({ deploy: false });
      const claim = claimRequest(at, { ...raw, deploy: false, proof, claimValue });
      expect(await ask(claim)).toBe(0);
      expect((await account.getData()).claimed).toBe(coins(2));
      const short: WalletRequest = { ...claim, messages: [{ ...claim.messages[0], amount: String(claimValue / 2n) }] };
      expect(await ask(short)).not.toBe(0);

      const own = { account: account.address.toRawString() };
      expect(await ask(unbondRequest(at, { ...own, amount: coins(5) }))).toBe(0);
      expect(await ask(withdrawUnbondedRequest(at, own))).not.toBe(0);
      chain.advance(7 * DAY);
      expect(await ask(withdrawUnbondedRequest(at, own))).toBe(0);
      expect((await account.getData()).unbonding).toBe(0n);
    });
  },
);
