/** Requests for wallets through the real TON Connect SDK: what it refuses, and what a wallet receives of what it accepts. */
import type { SendTransactionRequest, TonConnect as Connector } from "@tonconnect/sdk";
import { Address } from "@ton/core";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
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
  openRequest,
  raiseCapRequest,
  requestCloseRequest,
  topUpRequest,
  withdrawRequest,
} from "../wrappers/connect/escrow-requests.ts";
import type { WalletRequest } from "../wrappers/connect/wallet-request.ts";
import { providerKeys, sessionKeys } from "./test-funds.ts";
import { treeOf } from "./test-rewards.ts";

const NETWORK_ID = -3;
const OWNER = `0:${"11".repeat(32)}`;
const OTHER = `0:${"22".repeat(32)}`;

/** Everything a wallet was asked. */
const asked: { method: string; params: string[] }[] = [];

/** The bridge of a wallet that lives in the browser, where the SDK looks for it. It signs nothing and says that it did. */
const bridge = {
  deviceInfo: {
    platform: "browser",
    appName: "devwallet",
    appVersion: "1.0.0",
    maxProtocolVersion: 2,
    features: ["SendTransaction", { name: "SendTransaction", maxMessages: 1 }],
  },
  walletInfo: { name: "Dev", app_name: "devwallet", image: "", about_url: "", platforms: ["chrome"] },
  protocolVersion: 2,
  isWalletBrowser: false,
  connect: async () => ({
    event: "connect",
    id: 1,
    payload: {
      device: bridge.deviceInfo,
      items: [{ name: "ton_addr", address: OWNER, network: String(NETWORK_ID), publicKey: "", walletStateInit: "" }],
    },
  }),
  restoreConnection: async () => ({ event: "connect_error", id: 1, payload: { code: 100, message: "" } }),
  send: async (request: { method: string; params: string[]; id: string }) => {
    asked.push(request);
    return { result: "te6cc", id: request.id };
  },
  listen: () => () => undefined,
  disconnect: () => undefined,
};

vi.stubGlobal("window", { devwallet: { tonconnect: bridge } });
// Imported here, since it takes the window that it finds when it is loaded.
const { TonConnect, TonConnectError } = await import("@tonconnect/sdk");

let connector: Connector;
beforeEach(async () => {
  asked.length = 0;
  vi.spyOn(console, "debug").mockReturnValue();
  vi.spyOn(console, "warn").mockReturnValue();
  const stored = new Map<string, string>();
  connector = new TonConnect({
    manifestUrl: "https://page.test/tonconnect-manifest.json",
    analytics: { mode: "off" },
    eventDispatcher: { dispatchEvent: async () => undefined, addEventListener: async () => () => undefined },
    storage: {
      setItem: async (key, value) => void stored.set(key, value),
      getItem: async (key) => stored.get(key) ?? null,
      removeItem: async (key) => void stored.delete(key),
    },
  });
  const connected = new Promise((resolve) => {
    connector.onStatusChange(resolve);
  });
  connector.connect({ jsBridgeKey: "devwallet" });
  await connected;
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => void vi.unstubAllGlobals());

const at = { networkId: NETWORK_ID, nowS: Math.floor(Date.now() / 1_000), queryId: 7n };
const opening = { owner: OWNER, vault: OTHER, providerKey: providerKeys.publicKey };
const proof = treeOf([[Address.parseRaw(OWNER), 1n]])
  .proof(Address.parseRaw(OWNER).hash)
  .toBoc()
  .toString("base64");

const requests: [string, () => WalletRequest | Promise<WalletRequest>][] = [
  ["deposit", () => depositRequest(at, { vault: OTHER, amount: 1n, userId: 2n ** 63n })],
  [
    "open an escrow",
    () => openRequest(at, { ...opening, amount: 1n, sessionKey: sessionKeys.publicKey, dailyCap: 5n }),
  ],
  ["top up", () => topUpRequest(at, { escrow: OTHER, amount: 1n })],
  ["add a key", () => addKeyRequest(at, { escrow: OTHER, sessionKey: sessionKeys.publicKey })],
  ["raise the cap", () => raiseCapRequest(at, { escrow: OTHER, dailyCap: 5n })],
  ["request a close", () => requestCloseRequest(at, { escrow: OTHER })],
  ["cancel a close", () => cancelCloseRequest(at, { escrow: OTHER })],
  ["withdraw", () => withdrawRequest(at, { escrow: OTHER })],
  [
    "close together",
    () => closeTogetherRequest(at, { escrow: OTHER, cumulative: 1n, validUntil: 1, signature: new Uint8Array(64) }),
  ],
  ["stake", () => stakeRequest(at, { owner: OWNER, distributor: OTHER, amount: 1n })],
  ["unbond", () => unbondRequest(at, { account: OTHER, amount: 1n })],
  ["withdraw what was unbonded", () => withdrawUnbondedRequest(at, { account: OTHER })],
  ["claim", () => claimRequest(at, { distributor: OTHER, owner: OWNER, deploy: true, proof, claimValue: 1n })],
];

describe("the SDK", () => {
  test.each(requests)(
    "hands the request to %s to the wallet as it was built, and warns of nothing",
    async (_, build) => {
      const request = await build();
      await connector.sendTransaction(request);
      const { validUntil, ...rest } = request;
      expect(asked.map(({ method, params }) => [method, ...params.map((text) => JSON.parse(text) as unknown)])).toEqual(
        [["sendTransaction", { ...rest, valid_until: validUntil, from: OWNER }]],
      );
      expect(vi.mocked(console.warn)).not.toHaveBeenCalled();
    },
  );

  test("warns of a request that is good for longer than ours", async () => {
    const request = depositRequest({ ...at, nowS: at.nowS + 600 }, { vault: OTHER, amount: 1n, userId: 1n });
    await connector.sendTransaction(request);
    expect(vi.mocked(console.warn)).toHaveBeenCalledWith(expect.stringContaining("validUntil"));
  });

  const request = topUpRequest(at, { escrow: OTHER, amount: 1n });
  const [message] = request.messages;
  test.each<[string, string, object]>([
    ["another member", "extra properties", { ...request, purpose: "top up" }],
    ["another member of its message", "extra properties", { ...request, messages: [{ ...message, comment: "hi" }] }],
    ["a raw address", "Wrong 'address'", { ...request, messages: [{ ...message, address: OTHER }] }],
    ["a number for an amount", "'amount' is required", { ...request, messages: [{ ...message, amount: 1 }] }],
    ["a payload in hex", "Invalid 'payload'", { ...request, messages: [{ ...message, payload: "b5ee9c72" }] }],
    ["a number for a network", "Invalid 'network'", { ...request, network: NETWORK_ID }],
  ])("refuses a request with %s before the wallet sees it", async (_, why, changed) => {
    const refused = connector.sendTransaction(changed as SendTransactionRequest);
    await expect(refused).rejects.toThrow(TonConnectError);
    await expect(refused).rejects.toThrow(why);
    expect(asked).toEqual([]);
  });

  test("refuses a request for another network than the wallet's", async () => {
    const mainnet = topUpRequest({ ...at, networkId: -239 }, { escrow: OTHER, amount: 1n });
    await expect(connector.sendTransaction(mainnet)).rejects.toThrow("wrong network");
    expect(asked).toEqual([]);
  });
});
