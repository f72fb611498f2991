/** A page with an unmodified TON Connect, as its documents show it: the button, and its parts within reach of a test. */
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { TonConnectButton, TonConnectUIProvider, useTonConnectUI, useTonWallet } from "@tonconnect/ui-react";
import type { TonConnectUI } from "@tonconnect/ui-react";

declare global {
  interface Window {
    ui: TonConnectUI;
  }
}

function Page() {
  const [ui] = useTonConnectUI();
  const wallet = useTonWallet();
  window.ui = ui;
  return createElement(
    "main",
    {},
    createElement(TonConnectButton),
    createElement("output", {}, wallet ? wallet.account.address : "not connected"),
  );
}

const manifestUrl = `${location.origin}/tonconnect-manifest.json`;
const children = createElement(Page);
createRoot(document.getElementById("root")!).render(
  createElement(TonConnectUIProvider, { manifestUrl, analytics: { mode: "off" }, children }),
);
