/** The page behind a link to a shared chat: anybody's browser, without Telegram and without a session. */
import { languageOf } from "@starai/protocol/texts";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ToastProvider } from "./components/Toast.tsx";
import { SharedScreen } from "./features/share/SharedScreen.tsx";
import { AppContext } from "./lib/app-context.ts";
import type { AppContextValue } from "./lib/app-context.ts";
import { createQueryClient } from "./lib/query-client.ts";
import { openStorage } from "./lib/storage.ts";
import { openTelegram } from "./lib/telegram.ts";
import { createTexts } from "./lib/texts.ts";
import "./styles/tokens.css";
import "./styles/base.css";

const telegram = openTelegram(openStorage("sessionStorage"));
// Nobody is signed in here: the components of an answer need only the client and the texts of the app's context.
const app = { telegram, texts: createTexts(languageOf(navigator.language)) } as AppContextValue;

// Another hash on the same page is another conversation.
addEventListener("hashchange", () => location.reload());

const root = document.querySelector("#root");
if (!root) throw new Error("shared.html has no #root");
createRoot(root).render(
  <StrictMode>
    <AppContext value={app}>
      <QueryClientProvider client={createQueryClient()}>
        <ToastProvider>
          <SharedScreen id={location.hash.slice(1)} />
        </ToastProvider>
      </QueryClientProvider>
    </AppContext>
  </StrictMode>,
);
