/** Asks the faucet for play money. Its state outlives a redraw of the page, which the money that arrives causes. */
import { byId, make } from "./elements.js";
import { t } from "./texts.js";
import { COIN } from "./words.js";

const GIFT_COINS = 5;
const GIFT_NANO = `${GIFT_COINS}000000000`;

/** Text keys by address: `giftGiving`, `giftArrived`, or the reason of a failure. No entry: nothing was asked. */
const states = new Map();

export function faucetButton(address) {
  const button = make(
    "button",
    { type: "button", class: "plain", onclick: () => void give(address) },
    t("gift", { n: GIFT_COINS, coin: COIN }),
  );
  const place = make(
    "span",
    { class: "faucet", "data-address": address },
    button,
    make("span", { class: "secondary" }),
  );
  dress(place);
  return place;
}

/** Forgets what was said about gifts, when another screen opens. */
export function forgetGifts() {
  for (const [address, state] of states) if (state !== "giftGiving") states.delete(address);
}

async function give(address) {
  if (states.get(address) === "giftGiving") return;
  say(address, "giftGiving");
  const body = JSON.stringify({ address, amount: GIFT_NANO });
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/ton/faucet", { method: "POST", headers, body }).catch(() => null);
  say(address, answer?.ok ? "giftArrived" : answer ? "giftFailed" : "giftUnanswered");
}

function say(address, state) {
  states.set(address, state);
  for (const place of document.querySelectorAll(".faucet"))
    if (place instanceof HTMLElement && place.dataset.address === address) dress(place);
  byId("said").textContent = words(state);
}

/** A disabled button would lose the focus, so a working one only says that it is. */
function dress(place) {
  const state = states.get(place.dataset.address);
  const [button, note] = place.children;
  button.setAttribute("aria-disabled", String(state === "giftGiving"));
  note.textContent = state ? words(state) : "";
  note.classList.toggle("bad", state === "giftFailed" || state === "giftUnanswered");
}

function words(state) {
  return t(state, { n: GIFT_COINS, coin: COIN });
}
