/** One message or draft as a bubble, with its buttons, files and reactions. */
import { icon, make } from "./elements.js";
import { payWords, sentence, starsOf } from "./stars.js";
import { entityText, richText } from "./rich-text.js";
import { currentLanguage, t } from "./texts.js";

/**
 * @param message  a MessageView of the simulator
 * @param actions     `tap(message, button)`, `launch(message, button)`, `pay(message)`, `command(text)`, `goTo(id)`, `menu(message)`;
 *                 `isMine(message)` decides the bubble's side
 */
export function messageRow(message, actions) {
  if (message.payment !== null) return serviceRow(message);
  const mine = actions.isMine(message);
  const buttons = message.buttons.length > 0 ? keyboard(message, actions) : null;
  const row = make("article", {
    class: `row${mine ? " mine" : ""}${buttons ? " has-buttons" : ""}${isWide(message) ? " wide" : ""}`,
    "data-id": message.id,
    "data-text": message.text,
  });
  row.append(bubble(message, mine, actions), ...(buttons ? [buttons] : []));
  return row;
}

/** What Telegram itself says of a payment or refund. */
function serviceRow({ id, payment }) {
  const words = payment.kind === "paid" ? "youPaid" : "refunded";
  const parts = { stars: starsOf(payment.amount), title: payment.title };
  return make("article", { class: "service", "data-id": id }, ...sentence(words, parts));
}

export function draftRow(draft, actions) {
  const empty = draft.text.trim() === "";
  const words = empty ? make("span", { class: "thinking moving" }, t("thinking")) : content(draft, actions);
  return make(
    "div",
    { class: `row first last draft${isWide(draft) ? " wide" : ""}` },
    make("div", { class: "bubble", "aria-busy": "true" }, words),
  );
}

function bubble(message, mine, actions) {
  const box = make("div", { class: "bubble" });
  if (message.chat < 0 && !mine) box.append(make("b", { class: "sender" }, message.sender.name));
  if (message.forwardedFrom !== null)
    box.append(make("span", { class: "forwarded" }, `${t("forwardedFrom")} ${message.forwardedFrom}`));
  if (message.replyTo) {
    const { id, name, text } = message.replyTo;
    const press = () => actions.goTo(id);
    box.append(
      make("button", { class: "reply", type: "button", onclick: press }, make("b", {}, name), make("span", {}, text)),
    );
  }
  for (const file of message.files)
    box.append(
      make(
        "a",
        { class: "file", href: `/sim/file/${file.fileId}`, download: file.name },
        icon("file"),
        make("span", {}, file.name, make("br"), make("span", { class: "secondary" }, size(file.bytes))),
      ),
    );
  if (message.invoice !== null) box.append(invoiceCard(message.invoice));
  if (message.text !== "") box.append(content(message, actions));
  box.append(meta(message, mine, actions), make("span", { class: "end" }));
  if (message.reactions.length > 0) box.append(make("span", { class: "reaction" }, message.reactions.join(" ")));
  return box;
}

function invoiceCard({ title, description, amount }) {
  return make(
    "div",
    { class: "invoice" },
    make("b", {}, title),
    make("span", {}, description),
    make("span", {}, starsOf(amount)),
  );
}

function content({ text, entities, rich }, actions) {
  return rich ? richText(rich) : entityText(text, entities, actions.command);
}

function meta(message, mine, actions) {
  const time = new Date(message.date * 1_000);
  const clock = time.toLocaleTimeString(currentLanguage(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const box = make(
    "span",
    { class: "meta" },
    message.edited ? make("span", {}, t("edited")) : null,
    make("time", { datetime: time.toISOString() }, clock),
  );
  if (mine) box.append(icon("read"));
  const about = `${t("messageMenu")}: ${(message.invoice?.title ?? message.text).slice(0, 60)}`;
  const menu = make("button", { class: "message-menu", type: "button", "aria-label": about }, icon("more"));
  menu.addEventListener("click", () => actions.menu(message));
  box.append(menu);
  return box;
}

function keyboard(message, actions) {
  const rows = message.buttons.map((row) =>
    make("div", { class: "button-row" }, ...row.map((button) => inlineButton(message, button, actions))),
  );
  return make("div", { class: "buttons" }, ...rows);
}

function inlineButton(message, button, actions) {
  if (button.url !== undefined)
    return make(
      "a",
      { class: "inline-button", href: button.url, target: "_blank", rel: "noopener noreferrer" },
      button.text,
      icon("app"),
    );
  const press = () => {
    if (button.callback_data !== undefined) actions.tap(message, button, element);
    else if (button.web_app !== undefined) actions.launch(message, button);
    else if (button.pay) actions.pay(message);
    else if (button.copy_text !== undefined) void navigator.clipboard.writeText(button.copy_text.text);
    else actions.nothing();
  };
  const element = make(
    "button",
    { class: "inline-button", type: "button", onclick: press },
    button.pay ? make("span", { class: "pay-words" }, ...payWords(button.text)) : button.text,
    button.web_app ? icon("app") : null,
  );
  return element;
}

/** Gives a bubble with code or tables the full width at once, so that a growing answer does not jump. */
function isWide({ text, rich }) {
  return rich !== null && /(^|\n)(```|\|.*\|)/.test(text);
}

function size(bytes) {
  return bytes < 1_024
    ? `${bytes} B`
    : bytes < 1_048_576
      ? `${(bytes / 1_024).toFixed(0)} KB`
      : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
