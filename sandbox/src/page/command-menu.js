/** The list of commands above the composer: opened by the menu button or by typing "/". */
import { byId, make } from "./elements.js";

export class CommandMenu {
  #box = byId("commands");
  #input = byId("words", HTMLTextAreaElement);
  #commands = [];
  #shown = [];
  #at = 0;
  #choose;

  constructor(choose) {
    this.#choose = choose;
  }

  setCommands(commands) {
    this.#commands = commands;
  }

  get isOpen() {
    return !this.#box.hidden;
  }

  /** Opens with the commands that start with the text, or closes when there are none. */
  suggest(text) {
    const typed = /^\/(\w*)$/.exec(text)?.[1];
    const fitting =
      typed === undefined ? [] : this.#commands.filter(({ command }) => command.startsWith(typed.toLowerCase()));
    this.#show(fitting);
  }

  toggleAll() {
    this.#show(this.isOpen ? [] : this.#commands);
  }

  close() {
    this.#show([]);
  }

  /** Handles a key press; true when the menu used it. */
  onKey(event) {
    if (!this.isOpen) return false;
    if (event.key === "ArrowDown") this.#mark((this.#at + 1) % this.#shown.length);
    else if (event.key === "ArrowUp") this.#mark((this.#at - 1 + this.#shown.length) % this.#shown.length);
    else if (event.key === "Enter" && !event.shiftKey) this.#choose(`/${this.#shown[this.#at].command}`);
    else if (event.key === "Tab" && !event.shiftKey) this.#fill();
    else if (event.key === "Escape") this.close();
    else return false;
    return true;
  }

  #fill() {
    this.#input.value = `/${this.#shown[this.#at].command} `;
    this.close();
  }

  #show(commands) {
    this.#shown = commands;
    this.#box.hidden = commands.length === 0;
    this.#input.setAttribute("aria-expanded", String(commands.length > 0));
    this.#box.replaceChildren(
      ...commands.map(({ command, description }, index) =>
        make(
          "div",
          { class: "command-item", role: "option", id: `command-${index}`, onclick: () => this.#choose(`/${command}`) },
          make("b", {}, `/${command}`),
          make("span", {}, description),
        ),
      ),
    );
    if (commands.length > 0) this.#mark(0);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  #mark(index) {
    this.#at = index;
    [...this.#box.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    this.#box.children[index]?.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", `command-${index}`);
  }
}
