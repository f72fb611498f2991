/** The app's beginning: reads the launch, makes the few things everything shares, and draws. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { firstPath } from "./app/first-path.ts";
import { createQueryClient } from "./lib/query-client.ts";
import { createSession } from "./lib/session.ts";
import { openTelegram } from "./lib/telegram.ts";
import { createTexts, languageOf } from "./lib/texts.ts";
import "./styles/tokens.css";
import "./styles/base.css";

const telegram = openTelegram();
const texts = createTexts(languageOf(telegram.language ?? navigator.language));
const session = createSession({ initData: telegram.initData });

// Telegram puts the launch data where the app's address would be.
const path = firstPath(location.hash, telegram.startParam);
if (path !== null) history.replaceState(null, "", `#${path}`);

const root = document.querySelector("#root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App app={{ telegram, texts, session }} queries={createQueryClient()} />
  </StrictMode>,
);
telegram.ready();
