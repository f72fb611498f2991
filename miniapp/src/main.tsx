/** The app's entry point: reads the launch, creates what all screens share, and renders. */
import { languageOf } from "@starai/protocol/texts";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { firstPath } from "./app/first-path.ts";
import { prefetchParts } from "./app/prefetch-parts.ts";
import { createApi } from "./lib/api.ts";
import { openDrafts } from "./lib/drafts.ts";
import { openOutbox } from "./lib/outbox.ts";
import { createQueryClient, keys } from "./lib/query-client.ts";
import { watchReach } from "./lib/reach.ts";
import { sendEntry } from "./lib/send-entry.ts";
import { createSession } from "./lib/session.ts";
import { openStorage } from "./lib/storage.ts";
import { openTelegram } from "./lib/telegram.ts";
import { createTexts } from "./lib/texts.ts";
import "./styles/tokens.css";
import "./styles/base.css";

const storage = openStorage("localStorage");
const ofTheTab = openStorage("sessionStorage");
const telegram = openTelegram(ofTheTab);
const texts = createTexts(languageOf(telegram.language ?? navigator.language));
const reach = watchReach((input, init) => fetch(input, init));
const session = createSession({ initData: telegram.initData, storage: ofTheTab, send: reach.fetch });
const api = createApi(session);
const queries = createQueryClient();
const outbox = openOutbox({
  storage,
  person: telegram.person,
  send: (entry) => sendEntry(api, entry),
  // Resolves once the open thread has been fetched again, so that the stored message replaces the waiting one.
  onDelivered: (entry) => queries.invalidateQueries({ queryKey: keys.thread(entry.thread) }),
});
const drafts = openDrafts(storage, telegram.person);

// Telegram puts the launch data into the hash, where the app keeps its address.
const path = firstPath(location.hash, telegram.startParam);
if (path !== null) history.replaceState(null, "", `#${path}`);

const root = document.querySelector("#root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App app={{ telegram, texts, session, reach, storage, api, outbox, drafts }} queries={queries} />
  </StrictMode>,
);
telegram.ready();
prefetchParts();
if (telegram.initData !== null) {
  outbox.wake();
  addEventListener("online", outbox.wake);
}
