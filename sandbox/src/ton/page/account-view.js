/** The screen of one account: what it is for, what it holds and for whom, what waits, and its transactions. */
import { make } from "./elements.js";
import { faucetButton } from "./faucet-button.js";
import { aboutText, nameOf, t } from "./texts.js";
import { fact, linesOf, moreButton, section } from "./views.js";
import { amount, dated, ends, party, share } from "./words.js";

export function accountView(account, more) {
  const { holdings, address, name, balance, contract, transactions, next, nowS } = account;
  const about = aboutText(holdings?.about) ?? aboutText(name) ?? aboutText(contract);
  return [
    make(
      "section",
      { class: "card head" },
      make("h1", {}, nameOf(name ?? contract ?? "account")),
      make("p", { class: "address" }, make("code", {}, address), copyButton(address)),
      about ? make("p", { class: "about" }, about) : null,
      make("div", { class: "balance" }, amount(balance), faucetButton(address)),
    ),
    ...(holdings ? groups(holdings, nowS) : []),
    section(t("onChain"), make("dl", { class: "facts" }, ...onChain(account))),
    section(t("transactions"), linesOf(transactions, t("noneHere"), address), next === null ? null : moreButton(more)),
  ];
}

function groups({ holds, next, who }, nowS) {
  const waiting = next.length > 0 ? factsOf(next, nowS) : make("p", { class: "secondary pad" }, t("nothingWaits"));
  return [
    ...(holds.length > 0 ? [section(t("group_holds"), factsOf(holds, nowS))] : []),
    section(t("group_next"), waiting),
    section(t("group_who"), factsOf(who, nowS)),
  ];
}

function factsOf(facts, nowS) {
  return make(
    "dl",
    { class: "facts" },
    ...facts.flatMap((one) => fact(t(`holds_${one.key}`), SHOWN[one.kind](one, nowS))),
  );
}

const SHOWN = {
  amount: ({ value }) => amount(value),
  share: ({ value, of }) => share(value, of),
  number: ({ value }) => value.toLocaleString(),
  party: ({ value }) => party(value),
  time: ({ value }, nowS) => dated(value, nowS),
  hash: ({ value }) => ends(value),
  text: ({ value }) => t(value),
};

/** What the network itself knows of the account. */
function onChain({ state, contract, cells, raw, codeHash }) {
  return [
    ...fact(t("state"), t(state)),
    ...(state === "active" ? fact(t("contract"), contract ?? t("unknownCode")) : []),
    ...(cells > 0 ? fact(t("size"), cells.toLocaleString()) : []),
    ...fact(t("raw"), make("code", {}, raw)),
    ...(codeHash ? fact(t("code"), make("code", {}, codeHash)) : []),
  ];
}

function copyButton(text) {
  const button = make("button", { type: "button", class: "plain" }, t("copy"));
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(text);
    button.textContent = t("copied");
  });
  return button;
}
