/** Buttons that were tapped and wait for the bot to answer. */

const TAP_WAIT_MS = 10_000;

/** @type {Set<HTMLElement>} */
const busy = new Set();

/** @param {HTMLElement} element  settled after `TAP_WAIT_MS` when no answer arrives */
export function waitFor(element) {
  element.setAttribute("aria-busy", "true");
  busy.add(element);
  setTimeout(() => settle(element), TAP_WAIT_MS);
}

/** @param {HTMLElement} element */
export function settle(element) {
  busy.delete(element);
  element.removeAttribute("aria-busy");
}

export function settleAll() {
  for (const element of busy) settle(element);
}
