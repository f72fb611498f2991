/** The explorer's screens: overview, accounts, account, message tree; with their loading, empty and error states. */
import { make } from "./elements.js";
import { laterButton } from "./later-button.js";
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
      figure(
        t("clock"),
        when(nowS, "short"),
        movedS > 0 ? t("moved", { time: duration(movedS) }) : null,
        laterButton(),
      ),
    ),
    section(t("known"), make("ul", { class: "list" }, ...known.map(accountRow))),
    section(t("latest"), linesOf(roots, t("noneYet")), next === null ? null : moreButton(more)),
  ];
}

export function accountsView({ accounts, left }) {
  const note = left > 0 ? make("p", { class: "secondary pad" }, t("more", { n: left })) : null;
  return [section(t("allAccounts"), make("ul", { class: "list" }, ...accounts.map(accountRow)), note)];
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
    make(
      "a",
      { class: "open", href: `#/tx/${transaction.lt}` },
      when(transaction.utime),
      make("span", { class: "unseen" }, ` ${t("tree")}`),
    ),
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
  const short = `${address.slice(0, 8)}…${address.slice(-8)}`;
  const about = name ? aboutText(name) : null;
  return make(
    "li",
    { class: "account" },
    make(
      "div",
      {},
      make(
        "a",
        { href: `#/account/${address}` },
        make("span", { class: "who" }, kind ?? short),
        make("span", { class: "secondary" }, kind ? short : t(state)),
      ),
      about ? make("p", { class: "secondary" }, about) : null,
    ),
    amount(balance),
  );
}

export function linesOf(transactions, empty, own = null) {
  if (transactions.length === 0) return make("p", { class: "empty" }, empty);
  return make("ul", { class: "list", id: "lines" }, ...lines(transactions, own));
}

export function moreButton(more) {
  return make("button", { type: "button", class: "plain wide", id: "older", onclick: more }, t("older"));
}

export function section(title, ...children) {
  return make("section", { class: "card" }, make("h2", {}, title), ...children);
}

/**
 * @param {string} label
 * @param {Node | string} value
 * @param {string | null} note
 * @param {Node | null} control
 */
function figure(label, value, note = null, control = null) {
  return make(
    "div",
    {},
    make("dt", {}, label),
    make("dd", {}, value),
    note ? make("dd", { class: "secondary" }, note) : null,
    control ? make("dd", {}, control) : null,
  );
}

export function fact(label, value) {
  return [make("dt", {}, label), make("dd", {}, value)];
}

function sum(tree) {
  return tree.children.reduce((total, child) => total + sum(child), BigInt(tree.fee));
}
