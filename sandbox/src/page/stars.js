/** Amounts of Telegram Stars and sentences with them: a drawn star for the eye, the word for a screen reader. */
import { icon, make } from "./elements.js";
import { currentLanguage, plural, t } from "./texts.js";

/** @param {number} amount  whole Stars */
export function starsOf(amount) {
  return make(
    "span",
    { class: "stars" },
    icon("star"),
    amount.toLocaleString(currentLanguage()),
    make("span", { class: "unseen" }, ` ${plural("star", amount)}`),
  );
}

/**
 * A sentence of the page with parts put in: "You paid {stars} for {title}".
 * @param {string} key
 * @param {Record<string, Node | string>} parts
 * @returns {(Node | string)[]}
 */
export function sentence(key, parts) {
  return t(key)
    .split(/(\{\w+\})/)
    .map((piece) => parts[/^\{(\w+)\}$/.exec(piece)?.[1] ?? ""] ?? piece);
}

/**
 * The words of a Pay button, whose "⭐" and "XTR" clients replace by a star.
 * @param {string} words
 * @returns {(Node | string)[]}
 */
export function payWords(words) {
  return words.split(/(⭐\uFE0F?|XTR)/).map((piece, at) => (at % 2 === 1 ? icon("star") : piece));
}
