/** The message field: Enter sends, Shift+Enter breaks the line, Stop replaces Send while an answer is written. */
import { CommandMenu } from "./command-menu.js";
import { byId, icon, make } from "./elements.js";
import { t } from "./texts.js";

export class Composer {
  #form = byId("composer");
  #input = byId("words", HTMLTextAreaElement);
  #send = byId("send", HTMLButtonElement);
  #stop = byId("stop");
  #menuButton = byId("menu-button");
  #start = byId("start");
  #attach = byId("attach");
  #about = byId("about");
  #commands;
  #actions;
  #canStop = false;

  /** @param actions  `send(text)` (throws on error), `stop()`, `openApp()`, `start()`, `attach(caption)`, `forget()` */
  constructor(actions) {
    this.#actions = actions;
    this.#commands = new CommandMenu((command) => void this.#submit(command));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit(this.#input.value);
    });
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    this.#input.addEventListener("input", () => {
      this.#commands.suggest(this.#input.value);
      this.#fit();
    });
    this.#stop.addEventListener("click", () => actions.stop());
    this.#attach.addEventListener("click", () => void this.#sendFiles());
    this.#start.addEventListener("click", () => actions.start());
    this.#menuButton.addEventListener("click", () =>
      this.#menuButton.dataset.app ? actions.openApp() : this.#toggleCommands(),
    );
    this.#fit();
  }

  setWords() {
    this.#input.placeholder = t("message");
    this.#input.setAttribute("aria-label", t("message"));
    byId("commands").setAttribute("aria-label", t("menu"));
    this.#send.setAttribute("aria-label", t("send"));
    this.#attach.setAttribute("aria-label", t("attach"));
    this.#attach.title = t("attach");
    this.#stop.setAttribute("aria-label", t("stop"));
    this.#stop.title = t("stop");
  }

  /** Fills the field without sending. */
  write(words) {
    this.#input.value = words;
    this.#fit();
    this.#input.focus();
  }

  /** Shows above the field that the text is a reply or an edit; `null` for neither. */
  setAbout(about) {
    this.#about.hidden = about === null;
    this.#about.replaceChildren();
    if (about === null) return;
    const close = make("button", { type: "button", class: "icon-button", "aria-label": t("cancel") }, icon("close"));
    close.addEventListener("click", () => this.#actions.forget());
    this.#about.append(make("b", {}, t(about.kind)), make("span", { dir: "auto" }, about.message.text), close);
    if (about.kind === "edit") this.write(about.message.text);
    else this.#input.focus();
  }

  setBot({ commands, menuButton }) {
    const app = menuButton.type === "web_app";
    this.#commands.setCommands(commands);
    this.#menuButton.hidden = !app && commands.length === 0;
    this.#menuButton.dataset.app = app ? "yes" : "";
    const words = app ? menuButton.text : t("menu");
    /** @type {HTMLElement} */ (this.#menuButton.querySelector("span")).textContent = words;
    this.#menuButton.setAttribute("aria-label", words);
  }

  /** Shows one large button with these words instead of the field; `null` shows the field. */
  setStart(words) {
    const focused = document.activeElement === this.#start || document.activeElement === document.body;
    this.#form.hidden = words !== null;
    this.#start.hidden = words === null;
    this.#start.textContent = words ?? "";
    // On a touch screen the focus would open the keyboard over the chat.
    if (focused && words === null && matchMedia("(hover: hover)").matches) this.#input.focus();
  }

  setCanStop(canStop) {
    this.#canStop = canStop;
    this.#fit();
  }

  #toggleCommands() {
    this.#commands.toggleAll();
    this.#input.focus();
  }

  #onKey(event) {
    if (event.isComposing) return;
    if (this.#commands.onKey(event)) return event.preventDefault();
    if (event.key === "Escape" && !this.#about.hidden) return this.#actions.forget();
    if (event.key === "Escape" && this.#canStop) this.#actions.stop();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void this.#submit(this.#input.value);
  }

  /** Sends attachments with the written text as their caption. */
  async #sendFiles() {
    if (await this.#actions.attach(this.#input.value.trim())) this.#input.value = "";
    this.#fit();
    this.#input.focus();
  }

  async #submit(text) {
    const words = text.trim();
    this.#commands.close();
    if (words === "") return;
    const kept = this.#input.value;
    this.#input.value = "";
    this.#fit();
    if (!(await this.#actions.send(words))) this.#input.value = kept;
    this.#fit();
    this.#input.focus();
  }

  /** Grows the field with its text and puts the right button beside it. */
  #fit() {
    if (!CSS.supports("field-sizing", "content")) {
      this.#input.style.height = "auto";
      this.#input.style.height = `${this.#input.scrollHeight}px`;
    }
    const empty = this.#input.value.trim() === "";
    const stop = this.#canStop && empty;
    const hadFocus = document.activeElement === this.#stop;
    this.#stop.hidden = !stop;
    this.#send.hidden = stop;
    this.#send.disabled = empty;
    if (hadFocus && !stop) this.#input.focus();
  }
}
