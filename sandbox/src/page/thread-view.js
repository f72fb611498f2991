/** The list of messages: days, groups, the draft at the end, and where it is scrolled to. */
import { draftRow, messageRow } from "./bubble.js";
import { byId, make } from "./elements.js";
import { currentLanguage, t } from "./texts.js";

/** Messages drawn at first; more are drawn on request, so that a long chat opens quickly. */
const DRAWN = 150;
const GROUP_S = 300;
/** Distance from the end within which new messages keep the end in view, px. */
const NEAR_PX = 80;

export class ThreadView {
  #box = byId("messages");
  #thread = byId("thread");
  #draftBox = byId("draft");
  #toEnd = byId("to-end");
  #actions;
  #messages = [];
  #hidden = 0;

  constructor(actions) {
    this.#actions = { ...actions, goTo: (id) => this.#goTo(id) };
    this.#box.addEventListener("scroll", () => this.#showToEnd(), { passive: true });
    this.#toEnd.addEventListener("click", () => this.#scrollToEnd("smooth"));
  }

  /** Draws a whole chat. */
  show(messages, draft) {
    this.#messages = messages;
    this.#hidden = Math.max(0, messages.length - DRAWN);
    this.#draw();
    this.setDraft(draft);
    this.#scrollToEnd("instant");
  }

  showWelcome(name, description) {
    this.#messages = [];
    this.#draftBox.replaceChildren();
    const card = make(
      "div",
      { class: "welcome" },
      make("span", { class: "avatar avatar-bot", "aria-hidden": "true" }),
      make("h2", {}, name),
      make("p", {}, description || t("welcome")),
    );
    this.#thread.replaceChildren(card);
  }

  showSkeleton() {
    this.#thread.replaceChildren(...[1, 2, 3, 4].map(() => make("div", { class: "skeleton" })));
  }

  add(message) {
    if (this.#messages.some(({ id }) => id === message.id)) return;
    const near = this.#isNearEnd();
    if (this.#messages.length === 0) this.#thread.replaceChildren();
    const before = this.#messages.at(-1);
    this.#messages.push(message);
    this.#append(message, before);
    if (near || this.#actions.isMine(message)) this.#scrollToEnd("smooth");
    else this.#showToEnd();
  }

  change(message) {
    const at = this.#messages.findIndex(({ id }) => id === message.id);
    if (at === -1) return;
    this.#keepEnd(() => {
      this.#messages[at] = message;
      const row = this.#row(message.id);
      if (!row) return;
      const fresh = messageRow(message, this.#actions);
      for (const mark of ["first", "last"]) fresh.classList.toggle(mark, row.classList.contains(mark));
      row.replaceWith(fresh);
    });
  }

  remove(id) {
    this.#messages = this.#messages.filter((message) => message.id !== id);
    this.#keepEnd(() => this.#draw());
  }

  setDraft(draft) {
    this.#keepEnd(() => this.#draftBox.replaceChildren(...(draft ? [draftRow(draft, this.#actions)] : [])));
  }

  get isEmpty() {
    return this.#messages.length === 0;
  }

  #draw() {
    const drawn = this.#messages.slice(this.#hidden);
    this.#thread.replaceChildren();
    if (this.#hidden > 0)
      this.#thread.append(
        make("button", { class: "earlier", type: "button", onclick: () => this.#showEarlier() }, t("earlier")),
      );
    drawn.forEach((message, index) => this.#append(message, drawn[index - 1]));
  }

  #showEarlier() {
    const fromEnd = this.#box.scrollHeight - this.#box.scrollTop;
    this.#hidden = Math.max(0, this.#hidden - DRAWN);
    this.#draw();
    this.#box.scrollTop = this.#box.scrollHeight - fromEnd;
  }

  #append(message, before) {
    const newDay = !before || dayOf(before) !== dayOf(message);
    if (newDay) this.#thread.append(make("div", { class: "day" }, dayWords(message.date)));
    const service = message.payment !== null || before?.payment;
    const grouped =
      !newDay && !service && before.sender.id === message.sender.id && message.date - before.date < GROUP_S;
    const row = messageRow(message, this.#actions);
    row.classList.toggle("first", !grouped);
    row.classList.add("last");
    if (grouped) this.#row(before.id)?.classList.remove("last");
    this.#thread.append(row);
  }

  #row(id) {
    return this.#thread.querySelector(`[data-id="${id}"]`);
  }

  #goTo(id) {
    this.#row(id)?.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #keepEnd(change) {
    const near = this.#isNearEnd();
    change();
    if (near) this.#scrollToEnd("instant");
    else this.#showToEnd();
  }

  #scrollToEnd(behavior) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: calm ? "instant" : behavior });
    this.#showToEnd();
  }

  #showToEnd() {
    this.#toEnd.hidden = this.#isNearEnd();
  }
}

function dayOf({ date }) {
  return new Date(date * 1_000).toDateString();
}

function dayWords(seconds) {
  const day = new Date(seconds * 1_000);
  const daysAgo = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  if (daysAgo === 0) return t("today");
  if (daysAgo === 1) return t("yesterday");
  /** @type {Intl.DateTimeFormatOptions} */
  const year = daysAgo > 300 ? { year: "numeric" } : {};
  return day.toLocaleDateString(currentLanguage(), { day: "numeric", month: "long", ...year });
}
