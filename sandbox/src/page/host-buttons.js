/** The main and the secondary button of an app: drawn by the client under the app, set up by the app. */
import { make } from "./elements.js";

const COLOUR = /^#[0-9a-f]{6}$/i;
const PLACES = ["left", "right", "top", "bottom"];

export class HostButtons {
  element = make("div", { class: "sheet-buttons", hidden: true });
  #buttons;

  /** @param pressed  called with `main` or `secondary` */
  constructor(pressed) {
    this.#buttons = {
      secondary: this.#make("secondary", pressed),
      main: this.#make("main", pressed),
    };
    this.element.append(this.#buttons.secondary.element, this.#buttons.main.element);
    this.element.dataset.place = "left";
  }

  /** Fields missing from `change` stay as they are. */
  set(name, change) {
    const button = this.#buttons[name];
    Object.assign(button.state, Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)));
    const { is_visible, is_active, is_progress_visible, text, color, text_color, position } = button.state;
    const { element } = button;
    element.hidden = is_visible !== true || String(text ?? "").trim() === "";
    element.textContent = String(text ?? "").slice(0, 64);
    element.disabled = is_active === false || is_progress_visible === true;
    element.setAttribute("aria-busy", String(is_progress_visible === true));
    paint(element, "--button", color);
    paint(element, "--button-text", text_color);
    if (name === "secondary" && PLACES.includes(position)) this.element.dataset.place = position;
    this.element.hidden = Object.values(this.#buttons).every((each) => each.element.hidden);
  }

  #make(name, pressed) {
    const element = make("button", { type: "button", class: `host-button ${name}`, id: `app-${name}`, hidden: true });
    element.addEventListener("click", () => pressed(name));
    return { element, state: {} };
  }
}

function paint(element, property, colour) {
  if (COLOUR.test(String(colour))) element.style.setProperty(property, colour);
  else element.style.removeProperty(property);
}
