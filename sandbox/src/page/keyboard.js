/** The keyboard a bot put under the chat: its buttons write their words, or open a Mini App. */
import { byId, make } from "./elements.js";
import { t } from "./texts.js";

export class Keyboard {
  #box = byId("keyboard");
  #acts;

  /** @param acts  `send(words)`, `launchByKey(words)` */
  constructor(acts) {
    this.#acts = acts;
  }

  /** `null` takes it away. */
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
      if (app) this.#acts.launchByKey(text);
      else this.#acts.send(text);
    };
    return make("button", { type: "button", onclick: press }, text);
  }
}
