/** The explorer's screens: overview, accounts, account, message tree; with their loading, empty and error states. */
import { make } from "./elements.js";
import { aboutText, nameOf, t } from "./texts.js";
import { amount, bodyWords, duration, field, outcomeDot, party, refusalTag, when } from "./words.js";

export function overviewView(overview, more) {
  const { block, transactions, accounts, nowS, movedS, waiting, known, roots, next } = overview;
  return [
    make(
      "dl",
      { class: "figures" },
      figure(t("block"), block.toLocaleString()),
      figure(t("transactions"), transactions.toLocaleString(), waiting > 0 ? `${waiting} ${t("waiting")}` : null),
      figure(t("accounts"), make("a", { href: "#/accounts" }, accounts.toLocaleString())),
      figure(t("clock"), when(nowS, "short"), movedS > 0 ? t("moved", { time: duration(movedS) }) : null),
    ),
    section(t("known"), make("ul", { class: "list" }, ...known.map(accountRow))),
    section(t("latest"), linesOf(roots, t("noneYet")), next === null ? null : moreButton(more)),
  ];
}

export function accountsView({ accounts, left }) {
  const note = left > 0 ? make("p", { class: "secondary pad" }, t("more", { n: left })) : null;
  return [section(t("allAccounts"), make("ul", { class: "list" }, ...accounts.map(accountRow)), note)];
}

export function accountView(account, more) {
  const { holds, address, name, raw, balance, state, contract, codeHash, cells, transactions, next } = account;
  return [
    make(
      "section",
      { class: "card head" },
      make("h1", {}, name ? nameOf(name) : (contract ?? t("accounts"))),
      make("p", { class: "address" }, make("code", {}, address), copyButton(address)),
      aboutOf(name, contract),
      make("p", { class: "balance" }, amount(balance), " ", giftButton(address)),
      make(
        "dl",
        { class: "facts" },
        ...holds.flatMap(({ key, kind, value }) => fact(t(`holds_${key}`), HELD[kind](value))),
        ...fact(t("state"), t(state)),
        ...(state === "active" ? fact(t("contract"), contract ?? t("unknownCode")) : []),
        ...(cells > 0 ? fact(t("size"), t("cells", { n: cells })) : []),
        ...fact(t("raw"), make("code", {}, raw)),
        ...(codeHash ? fact(t("code"), make("code", {}, codeHash)) : []),
      ),
    ),
    section(t("transactions"), linesOf(transactions, t("noneHere"), address), next === null ? null : moreButton(more)),
  ];
}

const HELD = {
  amount: (value) => amount(value),
  number: (value) => value.toLocaleString(),
  party: (value) => party(value),
  time: (value) => when(value),
};

/** The purpose of an account in a sentence; null for unknown code. */
function aboutOf(name, contract) {
  const text = aboutText(contract) ?? aboutText(name);
  return text ? make("p", { class: "about" }, text) : null;
}

/** The screen for an unknown address after #. */
export function unknownView() {
  return [
    make(
      "section",
      { class: "card message" },
      make("h1", {}, t("unknownPage")),
      make("p", {}, t("unknownPageText")),
      make("a", { href: "#/" }, t("home")),
    ),
  ];
}

export function treeView(tree) {
  const fees = sum(tree);
  return [
    make(
      "section",
      { class: "card" },
      make("h1", { class: "pad" }, t("tree")),
      make("p", { class: "secondary pad" }, when(tree.utime), ` · ${t("feesAll")} `, amount(fees)),
      make("ol", { class: "tree" }, node(tree)),
    ),
  ];
}

export function loadingView() {
  const rows = Array.from({ length: 6 }, () => make("li", { class: "skeleton" }, make("span"), make("span")));
  return [
    make(
      "section",
      { class: "card", "aria-busy": "true", "aria-label": t("loading") },
      make("ul", { class: "list" }, ...rows),
    ),
  ];
}

export function failedView(reason, retry) {
  return [
    make(
      "section",
      { class: "card message", role: "alert" },
      make("p", {}, reason),
      make("button", { type: "button", class: "plain", onclick: retry }, t("retry")),
    ),
  ];
}

/** Rows of transactions; `own` is the account whose page this is. */
export function lines(transactions, own) {
  return transactions.map((transaction) => line(transaction, own));
}

function line(transaction, own) {
  const { message, account, contract, outcome, sends } = transaction;
  const deliver = !message || message.kind === "external";
  // A signed request is described by the messages it sends, a delivery by itself.
  const shown = deliver ? sends.told : [{ message, outcome: null }];
  const parts = shown.map((sent) =>
    make(
      "p",
      { class: "sent" },
      sent.message.from ? party(sent.message.from) : null,
      make("span", { class: "arrow", "aria-hidden": "true" }, "→"),
      sent.message.to ? party(sent.message.to, sent.message.to.address === account.address ? contract : null) : null,
      bodyWords(sent.message),
      refusalTag(sent.outcome),
      amountOf(sent.message, own),
    ),
  );
  if (parts.length === 0)
    parts.push(make("p", { class: "sent" }, party(account), bodyWords(message), refusalTag(outcome)));
  else if (!deliver && !outcome.ok) parts[0].lastChild.before(refusalTag(outcome));
  if (deliver && sends.more > 0) parts.push(make("p", { class: "secondary" }, t("more", { n: sends.more })));
  return make(
    "li",
    { class: "line" },
    outcomeDot(outcome),
    make("div", { class: "sends" }, ...parts),
    make("a", { class: "open", href: `#/tx/${transaction.lt}`, "aria-label": t("tree") }, when(transaction.utime)),
  );
}

function amountOf(message, own) {
  const incoming = own && message.to?.address === own;
  const outgoing = own && message.from?.address === own;
  const nano = BigInt(message.value);
  const element = amount(outgoing ? -nano : nano, { sign: Boolean(own) });
  if (incoming) element.classList.add("in");
  return element;
}

function node(transaction) {
  const { message, account, contract, outcome, events, children, pending, fee } = transaction;
  return make(
    "li",
    {},
    make(
      "div",
      { class: "node" },
      outcomeDot(outcome),
      make(
        "div",
        { class: "told" },
        make("p", { class: "who" }, party(account, contract)),
        message
          ? make("p", { class: "what" }, bodyWords(message), message.kind === "internal" ? amount(message.value) : null)
          : null,
        outcome.ok
          ? null
          : make("p", { class: "why" }, outcome.exitCode === null ? null : refusalTag(outcome), " ", t(outcome.phase)),
        message?.body.kind === "call" && message.body.fields.length > 0
          ? make("dl", { class: "fields" }, ...message.body.fields.flatMap(field))
          : null,
        ...events.map((event) => make("p", { class: "secondary" }, `${t("event")}: `, bodyWords(event))),
        details(transaction),
        pending > 0 ? make("p", { class: "secondary" }, t("pending", { n: pending })) : null,
      ),
      make("p", { class: "fee secondary" }, `${t("fees")} `, amount(fee)),
    ),
    children.length > 0 ? make("ol", {}, ...children.map(node)) : null,
  );
}

function details({ hash, lt, seqno, utime }) {
  return make(
    "details",
    {},
    make("summary", {}, t("details")),
    make(
      "dl",
      { class: "fields" },
      ...fact(t("hash"), make("code", {}, hash)),
      ...fact(t("lt"), make("code", {}, lt)),
      ...fact(t("block"), String(seqno)),
      ...fact(t("time"), when(utime)),
    ),
  );
}

function accountRow({ address, name, balance, contract, state }) {
  const kind = name ? nameOf(name) : (contract ?? null);
  return make(
    "li",
    { class: "account" },
    make(
      "a",
      { href: `#/account/${address}` },
      make("span", { class: "who" }, kind ?? `${address.slice(0, 8)}…${address.slice(-8)}`),
      make("span", { class: "secondary" }, kind ? `${address.slice(0, 8)}…${address.slice(-8)}` : t(state)),
    ),
    amount(balance),
  );
}

function linesOf(transactions, empty, own = null) {
  if (transactions.length === 0) return make("p", { class: "empty" }, empty);
  return make("ul", { class: "list", id: "lines" }, ...lines(transactions, own));
}

function moreButton(more) {
  return make("button", { type: "button", class: "plain wide", id: "older", onclick: more }, t("older"));
}

function copyButton(text) {
  const button = make("button", { type: "button", class: "plain" }, t("copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(text);
    button.textContent = t("copied");
  });
  return button;
}

const GIFT_NANO = "5000000000";

/** Asks the faucet for a gift, which appears at the next refresh as a transaction. */
function giftButton(address) {
  const button = make("button", { type: "button", class: "plain" }, t("gift"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const body = JSON.stringify({ address, amount: GIFT_NANO });
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/ton/faucet", { method: "POST", headers, body }).catch(() => null);
    button.disabled = false;
    if (!answer?.ok) button.textContent = t("giftFailed");
  });
  return button;
}

function section(title, ...children) {
  return make("section", { class: "card" }, make("h2", {}, title), ...children);
}

/**
 * @param {string} label
 * @param {Node | string} value
 * @param {string | null} note
 */
function figure(label, value, note = null) {
  return make(
    "div",
    {},
    make("dt", {}, label),
    make("dd", {}, value),
    note ? make("dd", { class: "secondary" }, note) : null,
  );
}

function fact(label, value) {
  return [make("dt", {}, label), make("dd", {}, value)];
}

function sum(tree) {
  return tree.children.reduce((total, child) => total + sum(child), BigInt(tree.fee));
}
