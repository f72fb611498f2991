/** In words, what a page asks to be signed, with the buttons that answer it. Built of elements: nothing of a page is parsed as markup. */
import { make } from "./elements.js";
import { faucetButton } from "./faucet-button.js";
import { say } from "./wallet-texts.js";
import { amount, bodyWords, field, party, when } from "./words.js";

const PLAYS = ["none", "lost", "expired", "network", "key"];

/**
 * Fills the dialog. `decide` hears the verdict and returns a promise; what it rejects with is shown, and the person may decide again.
 */
export function approvalView(approval, decide) {
  const status = make("p", { class: "status", role: "alert" });
  const form = make("form", { class: "approval-form" });
  const verdict = (approved) => {
    const chosen = new FormData(form);
    const play = chosen.get("play");
    return {
      approved,
      play: play === "none" ? null : play,
      ...(approval.kind === "connect" && { account: chosen.get("account") }),
    };
  };
  let busy = false;
  const answer = async (approved) => {
    if (busy) return;
    busy = true;
    status.textContent = say("working");
    await decide(verdict(approved)).catch((error) => (status.textContent = error.message));
    busy = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void answer(true);
  });
  const refuse = make("button", { type: "button", class: "button", onclick: () => void answer(false) }, say("refuse"));
  const approve = make("button", { type: "submit", class: "button main" }, say("approve"));
  form.append(
    ...(approval.kind === "connect" ? connectWords(approval) : transactionWords(approval)),
    playing(),
    status,
    make("div", { class: "answers" }, refuse, approve),
  );
  return { form, refuse: () => answer(false) };
}

const title = (words) => make("h1", { id: "approval-title", tabindex: -1 }, words);

function connectWords({ appName, domain, proves, accounts }) {
  return [
    title(say("connectTitle", { name: appName })),
    make("p", {}, say("connectAbout", { domain })),
    proves ? make("p", {}, say("proves", { domain })) : "",
    make(
      "fieldset",
      {},
      make("legend", {}, say("which")),
      ...accounts.map((account, at) =>
        make(
          "label",
          { class: "choice" },
          make("input", { type: "radio", name: "account", value: account.raw, checked: at === 0 }),
          make(
            "span",
            {},
            say("account", { n: at + 1 }),
            make("small", { class: "secondary" }, short(account.address)),
          ),
          amount(account.balance),
        ),
      ),
    ),
  ];
}

function transactionWords({ appName, domain, accounts, messages, total, validUntil }) {
  const [account] = accounts;
  const poor = account && BigInt(account.balance) <= BigInt(total);
  return [
    title(say("sendTitle", { total: amount(total).textContent })),
    make("p", {}, say("sendAbout", { name: appName, domain })),
    make(
      "dl",
      { class: "facts" },
      ...(account
        ? [
            ...row("from", elsewhere(party({ address: account.address, name: null }))),
            ...row("balance", amount(account.balance)),
          ]
        : []),
      ...(validUntil === null ? [] : row("validUntil", when(validUntil, "short"))),
    ),
    poor ? make("p", { class: "warning" }, say("tooLittle")) : "",
    poor ? faucetButton(account.address) : "",
    make("ol", { class: "wishes" }, ...messages.map((message, at) => wish(message, at, messages.length))),
  ];
}

function wish(message, at, count) {
  const { body, bounce } = message;
  return make(
    "li",
    {},
    count > 1 ? make("h2", {}, say("message", { n: at + 1, count })) : null,
    make(
      "dl",
      { class: "facts" },
      ...row("to", elsewhere(party(message.to, message.contract))),
      ...row("sum", amount(message.value)),
      ...row("says", spokenBody(message)),
      ...(body.kind === "call" ? body.fields.flatMap(field).map(elsewhere) : []),
    ),
    message.deploys ? make("p", { class: "secondary" }, say("creates")) : null,
    make("p", { class: "secondary" }, say(bounce ? "returns" : "staysThere")),
  );
}

function spokenBody(message) {
  const { body } = message;
  if (body.kind === "empty") return say("plain");
  if (body.kind === "unknown") return say("unknownBody", { op: body.op });
  return bodyWords({ ...message, deploys: false });
}

function row(label, value) {
  return [make("dt", {}, say(label)), make("dd", {}, value)];
}

/** Opens the explorer beside the wallet, so that the question stays. */
function elsewhere(element) {
  for (const link of element.matches("a") ? [element] : element.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener";
  }
  return element;
}

function playing() {
  const options = PLAYS.map((play) => make("option", { value: play }, say(`play_${play}`)));
  const about = make("span", { class: "secondary" }, say("playAbout"));
  const details = make(
    "details",
    { class: "playing" },
    make("summary", {}, say("playTitle")),
    make("label", {}, about, make("select", { name: "play" }, ...options)),
  );
  details.addEventListener("toggle", () => details.open && details.scrollIntoView({ block: "nearest" }));
  return details;
}

/** An address by its ends. */
export function short(address) {
  return `${address.slice(0, 6)}…${address.slice(-6)}`;
}
