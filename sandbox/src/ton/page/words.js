/** Amounts, times, parties and messages in readable form. Creates elements only: chain data is never parsed as markup. */
import { make } from "./elements.js";
import { nameOf, spoken, t } from "./texts.js";

const NANO = 1_000_000_000n;
/** The coin's name, which the server says. */
export const COIN = document.documentElement.dataset.coin ?? "";

/** An amount with at most four significant decimals; a tap shows all nano units. `bare`: the coin's name stands beside it already. */
export function amount(nano, { sign = false, bare = false } = {}) {
  const value = BigInt(nano);
  const short = `${sign && value > 0n ? "+" : ""}${shortAmount(value)}${bare ? "" : ` ${COIN}`}`;
  const whole = `${value.toLocaleString(spoken())} nano`;
  const button = make(
    "button",
    { type: "button", class: "amount", title: whole, "aria-label": `${short}, ${whole}` },
    short,
  );
  button.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    button.textContent = button.textContent === short ? whole : short;
  });
  return button;
}

function shortAmount(value) {
  const magnitude = value < 0n ? -value : value;
  const whole = magnitude / NANO;
  const digits = (magnitude % NANO).toString().padStart(9, "0");
  const firstDigit = whole > 0n ? 0 : digits.search(/[1-9]/);
  const decimals = digits.slice(0, Math.max(0, firstDigit) + 4).replace(/0+$/, "");
  const point = (1.1).toLocaleString(spoken()).charAt(1);
  return `${value < 0n ? "−" : ""}${whole.toLocaleString(spoken())}${decimals ? point + decimals : ""}`;
}

/**
 * @param {number} utime
 * @param {Intl.DateTimeFormatOptions["timeStyle"]} timeStyle
 */
export function when(utime, timeStyle = "medium") {
  const date = new Date(utime * 1_000);
  const text = date.toLocaleString(spoken(), { dateStyle: "medium", timeStyle });
  return make("time", { datetime: date.toISOString() }, text);
}

export function duration(seconds) {
  const parts = [
    [Math.floor(seconds / 86_400), t("day")],
    [Math.floor((seconds % 86_400) / 3_600), t("hour")],
    [Math.floor((seconds % 3_600) / 60), t("minute")],
    [seconds % 60, t("second")],
  ];
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** A date, and how far it is from now: both of the chain's clock, seconds since 1970. */
export function dated(utime, nowS) {
  return make(
    "span",
    {},
    when(utime),
    " ",
    make("span", { class: "secondary", "data-at": utime }, distance(utime, nowS)),
  );
}

/** Brings the distances on the page up to date. */
export function retime(nowS) {
  for (const place of document.querySelectorAll("[data-at]"))
    if (place instanceof HTMLElement) place.textContent = distance(Number(place.dataset.at), nowS);
}

function distance(utime, nowS) {
  if (utime === nowS) return t("now");
  return utime > nowS ? t("in", { time: duration(utime - nowS) }) : t("ago", { time: duration(nowS - utime) });
}

/** What is left of a limit, as words and as a bar. */
export function share(left, limit) {
  const [part, whole] = [BigInt(left), BigInt(limit)];
  const value = whole > 0n ? Number((part * 1_000n) / whole) : 0;
  return make(
    "span",
    { class: "share" },
    make("span", {}, amount(left, { bare: true }), ` ${t("of")} `, amount(limit)),
    make("progress", { "aria-hidden": true, max: 1_000, value }),
  );
}

/** A hash or key by its ends; the whole of it as its title. */
export function ends(hex) {
  return make("code", { title: hex }, `${hex.slice(0, 8)}…${hex.slice(-8)}`);
}

/** A link to an account: its name, or the two ends of its address. */
export function party({ address, name }, contract = null) {
  const label = name ? nameOf(name) : `${address.slice(0, 6)}…${address.slice(-6)}`;
  const hint = name || !contract ? null : make("span", { class: "kind" }, contract);
  return make(
    "a",
    { class: name ? "party named" : "party", href: `/ton/#/account/${address}`, title: address },
    label,
    hint,
  );
}

/** A message's content in a few words. */
export function bodyWords(message) {
  const { body } = message;
  const words = make("span", { class: `body body-${body.kind}` });
  if (message.bounced) words.append(make("span", { class: "tag tag-warn" }, t("bounced")), " ");
  if (body.kind === "comment") words.append("“", body.text, "”");
  else if (body.kind === "call") words.append(make("b", {}, spaced(body.name)));
  else if (body.kind === "unknown") words.append(t("unknown", { op: body.op }));
  else words.append(t({ empty: "transfer", signed: "signed", excess: "excess" }[body.kind]));
  if (message.deploys) words.append(" ", make("span", { class: "tag" }, t("deploys")));
  return words;
}

/** Splits a name into words: `RequestUnbond` becomes "Request unbond". */
export function spaced(name) {
  const words = name.replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return words.charAt(0) + words.slice(1).toLowerCase();
}

export function field({ name, kind, value, party: whose }) {
  const shown = {
    amount: () => amount(value),
    address: () => party(whose),
    hash: () => ends(value),
    cell: () => make("code", { title: value }, `cell ${value.slice(0, 8)}…`),
  }[kind];
  return [make("dt", {}, spaced(name)), make("dd", {}, shown ? shown() : value)];
}

/** The dot before a row: green for success, red for failure, null while the outcome is unknown. */
export function outcomeDot(outcome) {
  if (!outcome) return null;
  const kind = outcome.ok ? "ok" : "refused";
  return make("span", { class: `dot dot-${kind}`, role: "img", "aria-label": t(kind) });
}

/** A tag with the reason of a failure; null on success. */
export function refusalTag(outcome) {
  if (!outcome || outcome.ok) return null;
  const { error, exitCode, phase } = outcome;
  const named = error ? spaced(error.replaceAll("_", " ").toLowerCase()) : null;
  return make(
    "span",
    { class: "tag tag-bad", title: t(phase) },
    named ?? (exitCode === null ? t(phase) : t("exit", { code: exitCode })),
  );
}
