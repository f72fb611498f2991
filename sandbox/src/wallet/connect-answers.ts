/** What the dev wallet says of itself, and its answers to a page that wants to connect. */
import { beginCell, storeStateInit } from "@ton/core";
import { MESSAGES_MAX } from "./requests.ts";
import type { RoleWallet } from "../ton/roles.ts";

const NAME = "Dev wallet";
/** The key under `window` at which a page finds the injected wallet, and its name in lists. */
const KEY = "devwallet";
const VERSION = "1.0.0";
const FEATURE = { name: "SendTransaction", maxMessages: MESSAGES_MAX, extraCurrencySupported: false };
const PLATFORMS = ["ios", "android", "macos", "windows", "linux", "chrome", "firefox", "safari"];

export const DEVICE = {
  platform: "browser",
  appName: KEY,
  appVersion: VERSION,
  maxProtocolVersion: 2,
  // Older clients read the first form.
  features: ["SendTransaction", FEATURE],
};

/** As the injected wallet describes itself; `origin` is the stack's own. */
export function walletInfo(origin: string) {
  const about = { name: NAME, app_name: KEY, image: `${origin}/wallet/page/icon.svg`, about_url: `${origin}/wallet/` };
  return { ...about, platforms: PLATFORMS, features: [FEATURE] };
}

/** The entry of a wallets list. */
export function listEntry(origin: string) {
  return {
    ...walletInfo(origin),
    universal_url: `${origin}/wallet/`,
    bridge: [
      { type: "js", key: KEY },
      { type: "sse", url: `${origin}/wallet/bridge` },
    ],
  };
}

/** The item that names the account. `network` and `publicKey` are what the page is told, also where that is played. */
export function addressItem({ wallet }: RoleWallet, told: { network: string; publicKey: Buffer }) {
  return {
    name: "ton_addr" as const,
    address: wallet.address.toRawString(),
    network: told.network,
    publicKey: told.publicKey.toString("hex"),
    walletStateInit: beginCell().store(storeStateInit(wallet.init)).endCell().toBoc().toString("base64"),
  };
}

/** Ids of events grow. */
export function connectEvent(id: number, items: readonly object[]) {
  return { event: "connect" as const, id, payload: { device: DEVICE, items } };
}

export function connectError(id: number, { code, message }: { code: number; message: string }) {
  return { event: "connect_error" as const, id, payload: { code, message } };
}
