/** The side panel: person and appearance settings, the stack's readiness, and a live list of Bot API calls. */
import { byId, make, within } from "./elements.js";
import { currentLanguage, t } from "./texts.js";

const ROWS = 200;

export class Panel {
  #panel = byId("panel");
  #open = byId("open-panel");
  #list = byId("calls");
  /** @type {ReturnType<typeof callRow> | null} */
  #last = null;
  #actions;

  /** @param actions  `person(id)`, `chat(name)`, `addPerson()`, `theme(name)`, `language(code)`, `say(words)` */
  constructor(actions) {
    this.#actions = actions;
    this.#open.addEventListener("click", () => this.#toggle(true));
    byId("close-panel").addEventListener("click", () => this.#toggle(false));
    within(byId("first-request"), "button").addEventListener("click", () => this.#copyFirstRequest());
    this.#panel.addEventListener("keydown", (event) => event.key === "Escape" && this.#toggle(false));
  }

  setWords() {
    byId("panel-title").textContent = t("sandbox");
    byId("sandbox-about").textContent = t("sandboxAbout");
    byId("open-chain").textContent = t("chain");
    byId("open-wallet").textContent = t("wallet");
    within(byId("first-request"), "summary").textContent = t("firstRequest");
    within(byId("first-request"), "button").textContent = t("copy");
    byId("calls-title").textContent = t("calls");
    byId("calls-about").textContent = t("callsAbout");
    this.#panel.setAttribute("aria-label", t("more"));
    this.#open.setAttribute("aria-label", t("more"));
    byId("close-panel").setAttribute("aria-label", t("close"));
  }

  showSettings({ people, user, theme, inGroup }) {
    const names = people.map(({ id, name }) => make("option", { value: id, selected: id === user }, name));
    const select = make(
      "select",
      { id: "person", "aria-label": t("person"), onchange: () => this.#actions.person(Number(select.value)) },
      ...names,
    );
    const add = make(
      "button",
      { type: "button", "aria-label": t("addPerson"), title: t("addPerson"), onclick: () => this.#actions.addPerson() },
      "+",
    );
    const focused = document.activeElement?.getAttribute("data-focus");
    byId("settings").replaceChildren(
      setting(t("person"), make("div", { class: "people" }, select, add)),
      setting(
        t("chat"),
        choice(
          "chat",
          ["private", "group"].map((name) => [name, t(name)]),
          inGroup ? "group" : "private",
          this.#actions.chat,
        ),
      ),
      setting(
        t("theme"),
        choice(
          "theme",
          ["system", "light", "dark"].map((name) => [name, t(name)]),
          theme,
          this.#actions.theme,
        ),
      ),
      setting(
        t("language"),
        choice(
          "language",
          [
            ["en", "English"],
            ["ru", "Русский"],
          ],
          currentLanguage(),
          this.#actions.language,
        ),
      ),
    );
    const again = focused ? document.querySelector(`[data-focus="${focused}"]`) : null;
    if (again instanceof HTMLElement) again.focus();
  }

  showHealth(health) {
    const box = byId("health");
    box.hidden = health === null;
    if (!health) return;
    const { database, worker, model } = health.ready;
    const parts = [
      [t("database"), database],
      [t("worker"), worker],
      [model ? health.defaultModel : t("model"), model],
      ...(health.message ? [[health.message, false]] : []),
    ];
    box.replaceChildren(...parts.map(([words, ready]) => make("li", { class: ready ? "ready" : "" }, words)));
  }

  /** `curl` is null when the simulator runs without a pool. */
  showFirstRequest(curl) {
    byId("first-request").hidden = curl === null;
    within(byId("first-request"), "pre").textContent = curl ?? "";
  }

  #copyFirstRequest() {
    const copied = navigator.clipboard.writeText(within(byId("first-request"), "pre").textContent);
    void copied.then(
      () => this.#actions.say(t("copied")),
      () => undefined,
    );
  }

  showCalls(calls) {
    this.#list.replaceChildren();
    this.#last = null;
    for (const call of calls) this.addCall(call);
  }

  /** Adds a call. Equal calls in a row (drafts of one answer) share a row with a count and the last one's payload. */
  addCall(call) {
    const follow = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    const last = this.#last;
    if (last && call.id <= last.call.id) return;
    if (last && last.call.method === call.method && !call.error && !last.call.error) {
      last.call = call;
      last.count += 1;
      last.times.textContent = `${call.method} × ${last.count}`;
      last.took.textContent = `${call.ms} ms`;
      last.fill();
    } else {
      const next = callRow(call);
      this.#last = next;
      this.#list.append(next.row);
      if (this.#list.children.length > ROWS) this.#list.firstElementChild?.remove();
    }
    if (follow) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #toggle(open) {
    this.#panel.classList.toggle("open", open);
    this.#open.setAttribute("aria-expanded", String(open));
    if (open) byId("close-panel").focus();
    else this.#open.focus();
  }
}

/** A call's row; its payload is rendered only when it is opened. */
function callRow(call) {
  const payload = make("pre", { tabindex: "0" });
  const times = make("b", {}, call.method);
  const took = make("i", {}, `${call.ms} ms`);
  const details = make("details", {}, make("summary", {}, times, took), payload);
  const row = make(
    "li",
    { class: `call${call.error ? " failed" : ""}` },
    details,
    call.error ? make("p", {}, call.error) : null,
  );
  const shown = { call, count: 1, row, times, took, fill };
  function fill() {
    payload.textContent = details.open ? shown.call.parameters : "";
  }
  details.addEventListener("toggle", fill);
  return shown;
}

function setting(words, control) {
  return make("div", { class: "setting" }, make("span", {}, words), control);
}

function choice(name, options, chosen, act) {
  const buttons = options.map(([value, words]) =>
    make(
      "button",
      {
        type: "button",
        "data-focus": `${name}-${value}`,
        "aria-pressed": String(value === chosen),
        onclick: () => act(value),
      },
      words,
    ),
  );
  return make("div", { class: "choice", role: "group", "aria-label": t(name) }, ...buttons);
}
