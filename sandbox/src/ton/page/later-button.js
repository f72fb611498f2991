/** Moves the chain's clock, for what takes days here: epochs, their delays, stakes on their way back. It never goes back. */
import { make } from "./elements.js";
import { t } from "./texts.js";

const DAY_S = 86_400;

/** The clock beside it shows the new time at the page's next look. */
export function laterButton() {
  return make("button", { type: "button", class: "plain later", onclick: () => void later() }, t("later"));
}

async function later() {
  const headers = { "content-type": "application/json" };
  await fetch("/ton/time", { method: "POST", headers, body: JSON.stringify({ advanceS: DAY_S }) }).catch(() => null);
}
