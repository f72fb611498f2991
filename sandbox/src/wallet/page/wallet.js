/** The wallet page's entry: accounts, connected pages, and the questions of pages as they come. With `?approval=` only that question. */
import { byId, make } from "./elements.js";
import { faucetButton, forgetGifts } from "./faucet-button.js";
import { applyTheme, remember, remembered } from "./preferences.js";
import { repaint } from "./repaint.js";
import { LANGUAGES, speak } from "./texts.js";
import { approvalView, short } from "./approval-view.js";
import { ask } from "./wallet-server.js";
import { say } from "./wallet-texts.js";
import { amount } from "./words.js";

const REFRESH_MS = 1_500;
const question = new URLSearchParams(location.search);
/** The question that a page with the injected wallet shows here, in a frame. */
const embedded = question.get("approval");
const dialog = byId("approval", HTMLDialogElement);
let open = ""; // The question that is shown.
let refuseShown = () => Promise.resolve();
let shown = "";
let away = false; // Whether the notice says that the wallet does not answer.

async function refresh() {
  try {
    const state = await ask("state");
    if (away) byId("notice").hidden = true;
    away = false;
    byId("network").textContent = say("network", { id: state.network });
    const text = JSON.stringify(state);
    if (text !== shown) repaint(byId("content"), mainView(state));
    shown = text;
    const [next] = state.approvals;
    if (next && !dialog.open) await show(next);
  } catch (error) {
    away = true;
    notice(error instanceof Error ? error.message : String(error));
  }
}

function mainView({ accounts, sessions }) {
  return [
    make("p", { class: "secondary about" }, say("about")),
    section(
      say("accounts"),
      make("ul", { class: "list" }, ...accounts.map(accountLine)),
      make(
        "p",
        { class: "more" },
        make("button", { type: "button", class: "plain", onclick: () => act("accounts", {}) }, say("addAccount")),
      ),
    ),
    section(
      say("connections"),
      sessions.length === 0
        ? make("p", { class: "pad secondary" }, say("noConnections"))
        : make("ul", { class: "list" }, ...sessions.map((session) => sessionLine(session, accounts))),
    ),
    section(say("open"), linkForm()),
  ];
}

function section(title, ...children) {
  return make("section", { class: "card" }, make("h2", {}, title), ...children);
}

function accountLine({ address, balance }, at) {
  return make(
    "li",
    { class: "account" },
    make(
      "div",
      {},
      make(
        "a",
        { href: `/ton/#/account/${address}`, title: address },
        make("span", { class: "who" }, say("account", { n: at + 1 })),
        make("small", { class: "secondary" }, short(address)),
      ),
    ),
    amount(balance),
    faucetButton(address),
  );
}

function sessionLine({ id, appName, domain, account }, accounts) {
  const at = accounts.findIndex(({ raw }) => raw === account);
  const end = () => act("disconnect", { session: id }).then(() => remember("wallet.ended", id));
  return make(
    "li",
    { class: "account" },
    make(
      "div",
      {},
      make("span", { class: "who" }, appName),
      " ",
      make("small", { class: "secondary" }, `${domain} · ${say("account", { n: at + 1 })}`),
    ),
    make(
      "button",
      { type: "button", class: "plain", "aria-label": say("disconnectFrom", { name: appName }), onclick: end },
      say("disconnect"),
    ),
  );
}

function linkForm() {
  const field = make("input", {
    type: "url",
    id: "link",
    required: true,
    maxlength: 10_000,
    autocomplete: "off",
    "aria-label": say("linkField"),
    placeholder: say("linkField"),
  });
  const form = make(
    "form",
    { class: "link-form" },
    make("p", { class: "secondary" }, say("openAbout")),
    field,
    make("button", { type: "submit", class: "button main" }, say("openLink")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void openLink(field.value);
  });
  return form;
}

async function openLink(link) {
  const opened = await act("links", { link });
  if (opened) await show(opened.approval);
}

/** Asks the wallet to do something and shows what came of it; null when it could not. */
async function act(what, body) {
  const done = await ask(what, body).catch((error) => {
    notice(error.message);
    return null;
  });
  if (done) await refresh();
  return done;
}

/** Shows a question until it is answered. */
async function show(id) {
  if (open === id) return;
  open = id;
  const approval = await ask(`approvals/${encodeURIComponent(id)}`).catch((error) => leave(error.message));
  if (!approval) return;
  // What was said of a gift belongs to the question that it was asked in.
  forgetGifts();
  const { form, refuse } = approvalView(approval, (verdict) => decide(id, verdict));
  dialog.replaceChildren(form);
  refuseShown = refuse;
  if (!dialog.open) dialog.showModal();
  byId("approval-title").focus();
}

/** @throws what the person can do something about: the question stays open */
async function decide(id, verdict) {
  const decided = await ask(`approvals/${encodeURIComponent(id)}`, verdict).catch((error) => {
    if (error.cause !== "gone") throw error;
    return leave(error.message);
  });
  if (!decided) return;
  const { answer, session } = decided;
  if (embedded) return tellPage({ answer, session, fault: null });
  leave(say(answer ? "done" : "lost"));
  await refresh();
}

/** Closes the question with a word on what became of it; a page around this one is told that there is no answer. */
function leave(words) {
  open = "";
  dialog.close();
  if (embedded) tellPage({ answer: null, session: null, fault: words });
  else notice(words);
  return null;
}

/** The page around this frame, which is of the same origin, passes the answer on. */
function tellPage(message) {
  window.parent.postMessage(message, location.origin);
}

function notice(words) {
  byId("notice").textContent = words;
  byId("notice").hidden = false;
}

function choice(id, options, value) {
  const select = byId(id);
  select.setAttribute("aria-label", say(id));
  select.replaceChildren(
    ...Object.entries(options).map(([key, label]) => make("option", { value: key, selected: key === value }, label)),
  );
}

function dress() {
  speak(remembered("language", navigator.language.slice(0, 2)));
  const theme = remembered("theme", "system");
  applyTheme(theme);
  document.title = say("title");
  for (const id of ["title", "skip", "chain"]) byId(id).textContent = say(id);
  choice("theme", { system: say("system"), light: say("light"), dark: say("dark") }, theme);
  choice("language", LANGUAGES, document.documentElement.lang);
}

for (const id of ["theme", "language"]) {
  const select = byId(id, HTMLSelectElement);
  select.addEventListener("change", () => {
    remember(id, select.value);
    dress();
    shown = "";
    void refresh();
  });
}
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("content").focus();
});

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  void refuseShown();
});

dress();
if (embedded) {
  document.body.classList.add("embedded");
  void show(embedded);
} else {
  const link = question.has("id") ? location.href : null;
  // A page that is loaded again does not ask again.
  if (link) history.replaceState(null, "", "/wallet/");
  void (link ? openLink(link) : refresh());
  setInterval(() => {
    if (document.visibilityState === "visible") void refresh();
  }, REFRESH_MS);
}
