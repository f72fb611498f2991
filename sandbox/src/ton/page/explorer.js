/** The explorer's entry: shows the screen named after #, keeps it fresh, and reports when the chain does not answer. */
import { byId, make } from "./elements.js";
import { applyTheme, remember, remembered } from "./preferences.js";
import { LANGUAGES, nameOf, speak, t } from "./texts.js";
import { accountView } from "./account-view.js";
import { forgetGifts } from "./faucet-button.js";
import { repaint } from "./repaint.js";
import { accountsView, failedView, lines, loadingView, overviewView, treeView, unknownView } from "./views.js";
import { retime } from "./words.js";

const REFRESH_MS = 2_000;
let shown = ""; // The shown data as JSON: without a change nothing is redrawn.
let asked = 0;
let paged = false; // Whether older rows were loaded, which a refresh would discard.

async function ask(path) {
  const answer = await fetch(`/ton/explorer/${path}`).catch(() => null);
  if (!answer) throw new Error(t("failed"));
  const body = await answer.json().catch(() => ({}));
  if (answer.status === 500) throw new Error(`${t("broken")} ${body.error ?? ""}`);
  if (!answer.ok) throw new Error(t("notFound"));
  return body;
}

function place() {
  const [, what = "", key = ""] = location.hash.split("/");
  return { what, key };
}

/** A transaction is named by its logical time; links from elsewhere name it by its hash. */
async function ltOf(key) {
  return /^[0-9a-f]{64}$/i.test(key) ? (await ask(`hash/${key}`)).lt : key;
}

async function load({ what, key }) {
  if (what === "account")
    return {
      data: await ask(`account/${encodeURIComponent(key)}`),
      view: (data) => accountView(data, () => olderOf(key)),
    };
  if (what === "tx") return { data: await ask(`tree/${encodeURIComponent(await ltOf(key))}`), view: treeView };
  if (what === "accounts") return { data: await ask("accounts"), view: accountsView };
  if (what === "") return { data: await ask("overview"), view: (data) => overviewView(data, olderRoots) };
  return { data: {}, view: unknownView };
}

async function show({ fresh }) {
  const mine = ++asked;
  if (fresh) {
    paged = false;
    shown = "";
    next = null;
    byId("content").replaceChildren(...loadingView());
  }
  try {
    const { data, view } = await load(place());
    if (mine !== asked) return;
    byId("notice").hidden = true;
    const text = JSON.stringify({ ...data, nowS: 0 });
    if (data.nowS) retime(data.nowS);
    if (text === shown) return;
    shown = text;
    next = data.next ?? null;
    if (data.network) byId("network").textContent = t("network", { id: data.network });
    if (fresh) byId("content").replaceChildren(...view(data));
    else repaint(byId("content"), view(data));
  } catch (error) {
    if (mine !== asked) return;
    if (fresh) byId("content").replaceChildren(...failedView(wordsOf(error), () => void show({ fresh: true })));
    else {
      byId("notice").textContent = wordsOf(error);
      byId("notice").hidden = false;
    }
  }
}

let next = null;

async function olderRoots() {
  const page = await ask(`overview?before=${next}`);
  append(lines(page.roots, null), page.next);
}

async function olderOf(address) {
  const page = await ask(`account/${encodeURIComponent(address)}?before=${next}`);
  append(lines(page.transactions, page.address), page.next);
}

function append(rows, mark) {
  paged = true;
  next = mark;
  byId("lines").append(...rows);
  if (mark === null) byId("older").remove();
}

/** Finds by name, address, hash or logical time; names are few, so they are matched here. */
async function find(text) {
  const wanted = text.trim();
  if (wanted === "") return;
  const { known } = await ask("overview");
  const named = known.find(({ name }) =>
    [name, nameOf(name)].some((form) => form.toLowerCase() === wanted.toLowerCase()),
  );
  if (named) location.hash = `#/account/${named.address}`;
  else if (/^\d{1,20}$/.test(wanted)) location.hash = `#/tx/${wanted}`;
  else if (/^[0-9a-fA-F]{64}$/.test(wanted)) location.hash = `#/tx/${(await ask(`hash/${wanted}`)).lt}`;
  else location.hash = `#/account/${wanted}`;
}

function choice(id, options, value) {
  const select = byId(id);
  select.setAttribute("aria-label", t(id));
  select.replaceChildren(
    ...Object.entries(options).map(([key, label]) => make("option", { value: key, selected: key === value }, label)),
  );
}

function wordsOf(error) {
  return error instanceof Error ? error.message : String(error);
}

function dress() {
  speak(remembered("language", navigator.language.slice(0, 2)));
  const theme = remembered("theme", "system");
  applyTheme(theme);
  document.title = t("title");
  byId("title").textContent = t("title");
  byId("skip").textContent = t("skip");
  byId("chat").textContent = t("chat");
  byId("wanted", HTMLInputElement).placeholder = t("search");
  byId("wanted").setAttribute("aria-label", t("search"));
  choice("theme", { system: t("system"), light: t("light"), dark: t("dark") }, theme);
  choice("language", LANGUAGES, document.documentElement.lang);
}

const themes = byId("theme", HTMLSelectElement);
themes.addEventListener("change", () => {
  remember("theme", themes.value);
  applyTheme(themes.value);
});
const languages = byId("language", HTMLSelectElement);
languages.addEventListener("change", () => {
  remember("language", languages.value);
  dress();
  void show({ fresh: true });
});
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  find(byId("wanted", HTMLInputElement).value).catch((error) => {
    byId("notice").textContent = error.message;
    byId("notice").hidden = false;
  });
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("content").focus();
});
window.addEventListener("hashchange", () => {
  forgetGifts();
  byId("content").focus({ preventScroll: true });
  window.scrollTo(0, 0);
  void show({ fresh: true });
});
setInterval(() => {
  if (document.visibilityState === "visible" && !paged) void show({ fresh: false });
}, REFRESH_MS);
/** Hides the link to the chat when `npm run chain` runs alone. */
async function linkChat() {
  const answer = await fetch("/", { method: "HEAD" }).catch(() => null);
  byId("chat").hidden = answer?.ok !== true;
}

dress();
void linkChat();
void show({ fresh: true });
