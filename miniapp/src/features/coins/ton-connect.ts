/**
 * TON Connect, unmodified and with its whole list of wallets. It is large, so this is the only file that imports it, and it
 * is loaded when somebody first needs a wallet. Its dialogs lie under a modal dialog of ours: none may be open.
 */
import { BadRequestError, THEME, TonConnect, TonConnectUI, UserRejectsError } from "@tonconnect/ui-react";
import type { ConnectedWallet, IStorage, Wallet } from "@tonconnect/ui-react";
import type { WalletRequest } from "@starai/contracts/connect/wallet-request";
import type { Language } from "@starai/protocol/texts";
import type { WalletProof } from "@starai/protocol/wallet";
import type { KeptText } from "../../lib/storage.ts";
import { WalletNotConnected } from "./wallet-not-connected.ts";

export interface WalletsWish {
  /** The chain's global id: a wallet on another network is refused. */
  networkId: number;
  /** Where wallets inside Telegram send people back to. */
  bot: string | null;
  language: Language;
  dark: boolean;
  storage: KeptText;
  person: string;
}

export type Wallets = Awaited<ReturnType<typeof openWallets>>;

/** One for the page: TON Connect's dialogs are elements of it, and the network does not change under it. */
let made: TonConnectUI | null = null;

/** Resolves when the connection of before is there again, or is known to be gone. */
export async function openWallets(wish: WalletsWish) {
  const ui = (made ??= make(wish));
  ui.uiOptions = {
    language: wish.language,
    uiPreferences: { theme: wish.dark ? THEME.DARK : THEME.LIGHT },
    actionsConfiguration: {
      // Its other words would call a lost answer a cancelled payment.
      modals: ["before"],
      notifications: ["before"],
      ...(wish.bot !== null && { twaReturnUrl: wish.bot as `${string}://${string}` }),
    },
  };
  await ui.connectionRestored;
  if (ui.account !== null && ui.account.chain !== String(wish.networkId)) await ui.disconnect();
  return {
    /** Whether a wallet can be asked for a payment. */
    connected: () => ui.connected,
    /** Of the account that it pays from, raw. */
    address: () => ui.account?.address.toLowerCase() ?? null,
    /** Lets the person choose a wallet, which signs the nonce. @throws WalletNotConnected */
    connect: (nonce: string) => connect(ui, nonce),
    /** `lost`: it may have been signed, and nobody here can know. */
    send: (request: WalletRequest) => send(ui, request),
    forget: async () => {
      if (ui.connected) await ui.disconnect();
    },
  };
}

function make({ networkId, storage, person }: WalletsWish): TonConnectUI {
  const connector = new TonConnect({
    manifestUrl: `${location.origin}/tonconnect-manifest.json`,
    storage: storageOf(storage, person),
    analytics: { mode: "off" },
  });
  const ui = new TonConnectUI({
    connector,
    analytics: { mode: "off" },
    // It writes into the browser's history, where the app has its own address.
    enableAndroidBackHandler: false,
  });
  ui.setConnectionNetwork(String(networkId));
  return ui;
}

/** Several people may use Telegram on one device: each has a connection of their own. */
function storageOf(storage: KeptText, person: string): IStorage {
  const keyOf = (key: string) => `starai.ton.${person}.${key}`;
  return {
    getItem: (key) => Promise.resolve(storage.getItem(keyOf(key))),
    setItem: (key, value) => Promise.resolve(storage.setItem(keyOf(key), value)),
    removeItem: (key) => Promise.resolve(storage.removeItem(keyOf(key))),
  };
}

async function connect(ui: TonConnectUI, nonce: string): Promise<WalletProof> {
  // Only a new connection brings a proof.
  if (ui.connected) await ui.disconnect();
  ui.setConnectRequestParameters({ state: "ready", value: { tonProof: nonce } });
  const ends: (() => void)[] = [];
  try {
    const wallet = await new Promise<ConnectedWallet>((resolve, reject) => {
      const fail = (cause: unknown) => reject(new WalletNotConnected(whyOf(cause), { cause }));
      ends.push(
        ui.onStatusChange((connected) => connected && resolve(connected), fail),
        ui.onModalStateChange(
          ({ status, closeReason }) =>
            status === "closed" && closeReason === "action-cancelled" && reject(new WalletNotConnected("closed")),
        ),
      );
      ui.openModal().catch(fail);
    });
    return proofOf(wallet);
  } catch (error) {
    ui.closeModal();
    throw error;
  } finally {
    for (const end of ends) end();
  }
}

function whyOf(cause: unknown): WalletNotConnected["why"] {
  if (cause instanceof UserRejectsError) return "refused";
  return cause instanceof Error && cause.name === "WalletWrongNetworkError" ? "network" : "failed";
}

function proofOf({ account, connectItems }: Wallet): WalletProof {
  const item = connectItems?.tonProof;
  if (item === undefined || !("proof" in item)) throw new WalletNotConnected("no_proof");
  const { address, chain, walletStateInit } = account;
  return { address, network: chain, walletStateInit, proof: item.proof };
}

async function send(ui: TonConnectUI, request: WalletRequest): Promise<"sent" | "refused" | "lost"> {
  try {
    await ui.sendTransaction(request);
    return "sent";
  } catch (error) {
    return error instanceof UserRejectsError || error instanceof BadRequestError ? "refused" : "lost";
  }
}
