/** The page outside Telegram where a wallet that was connected in the app pays in. */
import { languageOf } from "@starai/protocol/texts";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ToastProvider } from "./components/Toast.tsx";
import { PayPage } from "./features/coins/PayPage.tsx";
import { AppContext } from "./lib/app-context.ts";
import type { AppContextValue } from "./lib/app-context.ts";
import { openPaySession } from "./lib/pay-session.ts";
import { createQueryClient } from "./lib/query-client.ts";
import { openStorage } from "./lib/storage.ts";
import { openTelegram } from "./lib/telegram.ts";
import { createTexts } from "./lib/texts.ts";
import "./styles/tokens.css";
import "./styles/base.css";

const ofTheTab = openStorage("sessionStorage");
const telegram = openTelegram(ofTheTab);
// Inside Telegram it is the app, which has its own ways to pay.
if (telegram.initData !== null) location.replace(`./${location.hash}`);

const session = openPaySession({ storage: ofTheTab });
const texts = createTexts(languageOf(navigator.language));
// The screens of coins need these of the app's context. Their name for the person keeps the page's wallet from the app's.
const app = {
  telegram: { ...telegram, person: "pay" },
  storage: openStorage("localStorage"),
  api: session.api,
  texts,
} as unknown as AppContextValue;

const root = document.querySelector("#root");
if (!root) throw new Error("pay.html has no #root");
createRoot(root).render(
  <StrictMode>
    <AppContext value={app}>
      <QueryClientProvider client={createQueryClient()}>
        <ToastProvider>
          <PayPage session={session} />
        </ToastProvider>
      </QueryClientProvider>
    </AppContext>
  </StrictMode>,
);
