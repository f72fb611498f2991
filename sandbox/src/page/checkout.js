/** The dialog in which a person pays an invoice: what is bought, what the bot says to it, what came of it. */
import { icon, make } from "./elements.js";
import { post } from "./server.js";
import { sentence, starsOf } from "./stars.js";
import { t } from "./texts.js";

/** Play Stars offered to a person who has too few. */
export const TOP_UP = 1_000;

/**
 * @typedef {object} Order
 * @property {number} user
 * @property {{ slug: string } | { message: number, chat?: number }} choice  as `/sim/pay` accepts it
 * @property {{ title: string, description: string, amount: number, periodS: number | null }} invoice
 * @property {number} balance
 */

export class Checkout {
  #order;
  #balance;
  /** @type {"cancelled" | "pending" | "failed" | "paid"} */
  #status = "cancelled";
  #dialog = make("dialog", { class: "checkout", "aria-labelledby": "checkout-title" });
  #left = make("span", {});
  #note = make("p", { class: "checkout-note", role: "status" });
  #act = make("button", { type: "button", class: "host-button", onclick: () => void this.#press() });
  #leave = make("button", { type: "button", class: "plain", onclick: () => this.#dialog.close() });

  /** @param {Order} order */
  constructor(order) {
    this.#order = order;
    this.#balance = order.balance;
    this.#draw(order.invoice);
    this.#showBalance();
  }

  /**
   * Shows the dialog until it is closed. Resolves to a Mini App's word for the end: `paid`, `failed` after a refusal,
   * `cancelled`, or `pending` when it was closed while the bot was being asked.
   */
  ask() {
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        this.#dialog.remove();
        resolve(this.#status);
      });
      document.body.append(this.#dialog);
      this.#dialog.showModal();
    });
  }

  #draw({ title, description, amount, periodS }) {
    // The title is focused, so that it is read first and a second Enter does not pay.
    const heading = make("h2", { id: "checkout-title", tabindex: "-1", autofocus: true }, title);
    this.#dialog.append(
      make("span", { class: "checkout-star", "aria-hidden": "true" }, icon("star")),
      heading,
      make("p", { class: "checkout-about" }, description),
      make(
        "dl",
        {},
        make("dt", {}, t(periodS === null ? "price" : "pricePerMonth")),
        make("dd", {}, starsOf(amount)),
        make("dt", {}, t("yourStars")),
        make("dd", {}, this.#left),
      ),
      this.#note,
      this.#act,
      this.#leave,
    );
  }

  #showBalance() {
    const { amount } = this.#order.invoice;
    this.#left.replaceChildren(starsOf(this.#balance));
    const enough = this.#balance >= amount;
    this.#say(enough ? [] : [t("tooFewStars")], !enough);
    this.#offer(
      enough ? sentence("payStars", { stars: starsOf(amount) }) : sentence("getStars", { stars: starsOf(TOP_UP) }),
    );
  }

  /** Shows what the main button does now. */
  #offer(words) {
    this.#act.removeAttribute("aria-busy");
    this.#act.replaceChildren(...words);
    this.#leave.textContent = t("cancel");
  }

  #say(words, bad) {
    this.#note.classList.toggle("bad", bad);
    this.#note.replaceChildren(...words);
  }

  async #press() {
    // Busy rather than disabled, so that it keeps the focus.
    if (this.#act.hasAttribute("aria-busy")) return;
    this.#act.setAttribute("aria-busy", "true");
    try {
      if (this.#balance < this.#order.invoice.amount) await this.#topUp();
      else await this.#pay();
    } catch (error) {
      // Without an answer nobody knows whether it was paid, so the status stays as it is.
      this.#offerAgain([error instanceof Error ? error.message : String(error)]);
    }
  }

  async #topUp() {
    ({ balance: this.#balance } = await post("stars", { user: this.#order.user, add: TOP_UP }));
    this.#showBalance();
  }

  async #pay() {
    this.#status = "pending";
    this.#say([t("checking")], false);
    this.#leave.textContent = t("close");
    const { user, choice } = this.#order;
    const outcome = await post("pay", { user, ...choice });
    switch (outcome.status) {
      case "paid":
        this.#status = "paid";
        return this.#dialog.close();
      case "too-few":
        this.#status = "failed";
        this.#balance = outcome.balance;
        return this.#showBalance();
      case "refused":
        return this.#fail(outcome.reason);
      default:
        return this.#fail(t("botSilent"));
    }
  }

  #fail(words) {
    this.#status = "failed";
    this.#offerAgain([words, make("br"), t("nothingPaid")]);
  }

  #offerAgain(words) {
    this.#say(words, true);
    this.#offer([t("tryAgain")]);
    this.#leave.textContent = t("close");
    this.#act.focus();
  }
}
