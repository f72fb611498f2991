/** The panel's part about Stars: the person's balance, more play Stars, and subscriptions. */
import { byId, make } from "./elements.js";
import { TOP_UP } from "./checkout.js";
import { sentence, starsOf } from "./stars.js";
import { currentLanguage, t } from "./texts.js";

/** What a person may do with a subscription in each state, and the words for it. */
const ACTS = {
  active: { cancel: "cancelSubscription", renew: "renewNow" },
  canceled: { resume: "resumeSubscription" },
  "canceled-by-bot": {},
  failed: { renew: "payNow" },
};

export class StarsPanel {
  #box = byId("stars");
  #actions;

  /** @param actions  `addStars(amount)`, `changeSubscription(charge, act)` */
  constructor(actions) {
    this.#actions = actions;
  }

  /** @param {{ balance: number, subscriptions: { charge: string, title: string, amount: number, until: number, state: string }[] }} purse */
  show({ balance, subscriptions }) {
    const focused = document.activeElement?.getAttribute("data-focus");
    const more = make(
      "button",
      { type: "button", class: "plain", "data-focus": "add-stars", onclick: () => this.#actions.addStars(TOP_UP) },
      ...sentence("getStars", { stars: starsOf(TOP_UP) }),
    );
    this.#box.replaceChildren(
      make("div", { class: "setting" }, make("span", {}, t("yourStars"), " ", starsOf(balance)), more),
      ...subscriptions.map((each) => this.#subscription(each)),
    );
    const again = focused ? this.#box.querySelector(`[data-focus="${focused}"]`) : null;
    if (again instanceof HTMLElement) again.focus();
  }

  #subscription({ charge, title, amount, until, state }) {
    const day = new Date(until * 1_000).toLocaleDateString(currentLanguage(), { day: "numeric", month: "long" });
    const buttons = Object.entries(ACTS[state]).map(([act, words]) =>
      make(
        "button",
        {
          type: "button",
          class: "plain",
          "data-focus": `${act}-${charge}`,
          onclick: () => this.#actions.changeSubscription(charge, act),
        },
        t(words),
      ),
    );
    return make(
      "div",
      { class: "setting subscription" },
      make(
        "span",
        {},
        title,
        make("br"),
        make(
          "span",
          { class: `secondary${state === "failed" ? " bad" : ""}` },
          starsOf(amount),
          " · ",
          ...sentence(`subscription-${state}`, { day }),
        ),
      ),
      make("div", { class: "subscription-acts" }, ...buttons),
    );
  }
}
