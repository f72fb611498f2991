/** The bot's reply keyboard under the chat: its buttons send their text or open a Mini App. */
import { byId, make } from "./elements.js";
import { t } from "./texts.js";

export class Keyboard {
  #box = byId("keyboard");
  #actions;

  /** @param actions  `send(words)`, `launchByKey(words)` */
  constructor(actions) {
    this.#actions = actions;
  }

  /** Shows the keyboard; `null` hides it. */
  show(keyboard) {
    this.#box.hidden = keyboard === null;
    this.#box.setAttribute("aria-label", t("keyboard"));
    const rows = (keyboard?.rows ?? []).map((row) =>
      make("div", {}, ...row.map((button) => this.#button(button, keyboard.once))),
    );
    this.#box.replaceChildren(...rows);
  }

  #button({ text, web_app: app }, once) {
    const press = () => {
      if (once) this.#box.hidden = true;
      if (app) this.#actions.launchByKey(text);
      else this.#actions.send(text);
    };
    return make("button", { type: "button", onclick: press }, text);
  }
}
