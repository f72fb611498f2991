/** The page's entry: one person's private chat with the bot, kept up to date by the simulator's event stream. */
import { chooseFiles } from "./attachments.js";
import { Checkout } from "./checkout.js";
import { Composer } from "./composer.js";
import { byId } from "./elements.js";
import { ask } from "./host-dialog.js";
import { Keyboard } from "./keyboard.js";
import { notify, showAlert, toast } from "./notices.js";
import { Panel } from "./panel.js";
import { applyTheme, isOfThisWindow, remember, remembered, rememberHere, themeParams } from "./preferences.js";
import { follow, get, health, post } from "./server.js";
import { Sheet } from "./sheet.js";
import { StarsPanel } from "./stars-panel.js";
import { settle, settleAll, waitFor } from "./tapped.js";
import { readTelegramPath, telegramPath } from "./telegram-links.js";
import { currentLanguage, setLanguage, t } from "./texts.js";
import { ThreadView } from "./thread-view.js";

const TYPING_MS = 5_000;
const HEALTH_MS = 5_000;
const GROUP = -1_000;
const NEWCOMER = { user: 4242, name: "Alex" };
const NAMES = ["Alex", "Sasha", "Robin", "Kim", "Noor", "Yuki", "Lou", "Mika"];

/**
 * @typedef {{ id: number, name: string, lastDate?: number }} Person
 * @typedef {{ kind: string, model?: string, done?: number, reason?: string }} Notice
 */
const state = {
  user: Number(remembered("user", "0")),
  theme: remembered("theme", "system"),
  people: /** @type {Person[]} */ ([]),
  bot: { name: "StarAI", description: "", commands: [], menuButton: { type: "commands" } },
  blocked: false,
  draft: /** @type {{ canStop: boolean } | null} */ (null),
  /** Whether the group is shown rather than the person's own chat with the bot. */
  inGroup: remembered("group", "") === "yes",
  /** The message the next text replies to or edits: `{ kind: "reply" | "edit", message }`. */
  about: /** @type {{ kind: "reply" | "edit", message: { id: number } } | null} */ (null),
  typingUntil: 0,
  notice: /** @type {Notice | null} */ (null),
  online: true,
};
/** Events received while a chat loads, which may be newer than the loaded state. Null when no chat is loading. */
/** @type {{ type: string }[] | null} */
let loadingEvents = null;

const thread = new ThreadView({
  tap,
  launch: (message, button) => void launch({ message: message.id, button: button.text }),
  pay: (message) => void pay({ message: message.id, ...where() }, message.invoice),
  command: (text) => void send(text),
  menu: (message) => void messageMenu(message),
  isMine: (message) => message.sender.id === state.user,
  nothing: () => toast(t("buttonOutside")),
});
const composer = new Composer({
  send,
  stop,
  openApp: () => void launch(),
  start,
  attach,
  forget: () => setAbout(null),
});
const panel = new Panel({
  person: choosePerson,
  chat: chooseChat,
  addPerson,
  theme: chooseTheme,
  language: chooseLanguage,
  say: toast,
});
const keyboard = new Keyboard({ send: (words) => void send(words), launchByKey: (key) => void launch({ key }) });
const starsPanel = new StarsPanel({
  addStars: (add) => void attempt(() => post("stars", { user: state.user, add })),
  changeSubscription: (charge, act) => void attempt(() => post("subscription", { user: state.user, charge, act })),
});
const sheet = new Sheet({
  openTelegramLink,
  openInvoice: (slug) => pay({ slug }),
  sendData: ({ key }, data) => void attempt(() => post("app-data", { user: state.user, key, data })),
  toast,
});
byId("messages").addEventListener("click", onLink);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => sheet.themeChanged());

setLanguage(remembered("language", navigator.language.startsWith("ru") ? "ru" : "en"));
applyTheme(state.theme);
setWords();
thread.showSkeleton();
follow({ opened: () => void load(), lost, on });
void checkHealth();

async function load() {
  state.online = true;
  const since = (loadingEvents = []);
  try {
    await loadPeople();
    const [bot, transcript, purse, calls, notice, first] = await Promise.all([
      get(`bot?user=${state.user}`),
      get(`transcript?chat=${chatId()}`),
      get(`stars?user=${state.user}`),
      get("calls"),
      get("notice"),
      get("first-request"),
    ]);
    // A later load has started, perhaps of another chat.
    if (loadingEvents !== since) return;
    state.bot = bot;
    state.blocked = transcript.blocked;
    state.draft = transcript.draft;
    state.notice = notice;
    thread.show(transcript.messages, transcript.draft);
    keyboard.show(transcript.keyboard);
    showPurse(purse);
    panel.showCalls(calls);
    panel.showFirstRequest(first.curl);
  } catch {
    if (loadingEvents !== since) return;
    state.online = false;
    notify(t("loadFailed"), true);
    setTimeout(() => void load(), 2_000);
    return;
  }
  loadingEvents = null;
  for (const event of since) on(event);
  showAll();
  openByAddress();
}

/** A link of a machine's terminal opens the app here, as `t.me/<bot>?startapp=` does in Telegram; once, not at a reload. */
function openByAddress() {
  const startParam = new URLSearchParams(location.search).get("startapp");
  if (startParam === null) return;
  history.replaceState(null, "", location.pathname);
  void launch({ startParam });
}

async function loadPeople() {
  state.people = await get("users");
  if (!state.people.some(({ id }) => id === state.user)) {
    const [newest] = [...state.people].sort((a, b) => (b.lastDate ?? 0) - (a.lastDate ?? 0));
    state.user = newest?.id ?? (await post("user", { ...NEWCOMER, language: currentLanguage() })).id;
    state.people = await get("users");
  }
  // The person was not chosen in this window; when there are several, a toast names the current one.
  const person = state.people.find(({ id }) => id === state.user);
  if (person && !isOfThisWindow("user") && state.people.length > 1) toast(`${t("youAreHere")} ${person.name}.`);
  rememberHere("user", String(state.user));
}

/** Applies an event. May repeat what was loaded already: messages and calls are recognised by their ids. */
function on(event) {
  if (loadingEvents) return void loadingEvents.push(event);
  if (event.type === "call") return panel.addCall(event.call);
  if (event.type === "users") return void refreshPeople();
  if (event.type === "stars") return event.user === state.user ? void refreshPurse() : undefined;
  if (event.type === "bot") return void refreshBot();
  if (event.type === "notice") {
    state.notice = event.notice;
    return showNotice();
  }
  if (event.type === "callback" ? event.user !== state.user : event.chat !== chatId()) return undefined;
  switch (event.type) {
    case "message":
      if (event.message.from === "bot") state.typingUntil = 0;
      thread.add(event.message);
      break;
    case "edit":
      thread.change(event.message);
      break;
    case "delete":
      thread.remove(event.message);
      break;
    case "draft":
      state.draft = event.draft;
      thread.setDraft(event.draft);
      break;
    case "action":
      state.typingUntil = Date.now() + TYPING_MS;
      setTimeout(showStatus, TYPING_MS + 50);
      break;
    case "keyboard":
      keyboard.show(event.keyboard);
      break;
    case "callback":
      answered(event);
      break;
  }
  return showAll();
}

function lost() {
  state.online = false;
  notify(t("gone"), true);
}

async function refreshPeople() {
  state.people = await get("users").catch(() => state.people);
  showSettings();
}

async function refreshPurse() {
  const purse = await get(`stars?user=${state.user}`).catch(() => null);
  if (purse) showPurse(purse);
}

function showPurse(purse) {
  byId("stars").hidden = false;
  starsPanel.show(purse);
}

async function refreshBot() {
  state.bot = await get(`bot?user=${state.user}`).catch(() => state.bot);
  showAll();
}

async function checkHealth() {
  if (!document.hidden) panel.showHealth(await health());
  setTimeout(() => void checkHealth(), HEALTH_MS);
}

/* ── the person's actions ───────────────────────────────────────────────────────────────────────────────────────── */

/** Sends a text. True on success. */
async function send(text) {
  const { about } = state;
  setAbout(null);
  if (about?.kind === "edit")
    return attempt(() => post("edit", { user: state.user, ...where(), message: about.message.id, text }));
  return attempt(() => post("text", { user: state.user, ...where(), text, ...replyTo(about) }));
}

/** Chooses and sends files with this caption. True on success. */
async function attach(caption) {
  const files = await chooseFiles(document.body);
  if (files === null) return false;
  const { about } = state;
  setAbout(null);
  return attempt(() =>
    post("files", { user: state.user, ...where(), files, ...(caption ? { caption } : {}), ...replyTo(about) }),
  );
}

function replyTo(about) {
  return about?.kind === "reply" ? { replyTo: about.message.id } : {};
}

async function messageMenu(message) {
  const edit = message.sender.id === state.user && message.forwardedFrom === null;
  const chosen = await ask(document.body, {
    title: t("messageMenu"),
    message: message.text,
    buttons: [
      { id: "reply", text: t("reply") },
      ...(edit ? [{ id: "edit", text: t("edit") }] : []),
      ...(message.invoice === null ? [{ id: "forward", text: t("forward") }] : []),
    ],
  });
  if (chosen === "reply" || chosen === "edit") setAbout({ kind: chosen, message });
  if (chosen === "forward") await attempt(() => post("forward", { user: state.user, ...where(), message: message.id }));
}

function setAbout(about) {
  state.about = about;
  composer.setAbout(about);
}

function chatId() {
  return state.inGroup ? GROUP : state.user;
}

/** The chat field of a request; empty in the person's own chat. */
function where() {
  return state.inGroup ? { chat: GROUP } : {};
}

async function start() {
  if (!state.blocked) return send("/start");
  const done = await attempt(() => post("block", { user: state.user, blocked: false }));
  state.blocked = !done;
  showAll();
  return done;
}

function stop() {
  void attempt(() => post("stop", { user: state.user }));
}

async function tap(message, button, element) {
  waitFor(element);
  const done = await attempt(() =>
    post("tap", { user: state.user, ...where(), message: message.id, data: button.callback_data }),
  );
  if (!done) settle(element);
}

function answered({ user, text, alert, url }) {
  settleAll();
  if (user !== state.user) return;
  if (alert) showAlert(text);
  else if (text !== "") toast(text);
  if (url && /^https?:/.test(url)) open(url, "_blank", "noopener");
}

/** Opens the Mini App of the menu button, or the one `by` names, in the fields of `/sim/launch`. */
async function launch(by = {}, expanded = true) {
  await attempt(async () => {
    const { url } = await post("launch", {
      user: state.user,
      theme: themeParams(),
      ...(by.message ? where() : {}),
      ...by,
    });
    sheet.open({ url, title: state.bot.name, expanded, key: by.key });
  });
}

/**
 * Lets the person pay an invoice message or link. Resolves to a Mini App's word for how it ended.
 * @param {{ slug: string } | { message: number, chat?: number }} choice
 */
async function pay(choice, shown = null) {
  const { user } = state;
  const known = await Promise.all([
    shown ?? get(`invoice/${encodeURIComponent("slug" in choice ? choice.slug : "")}`),
    get(`stars?user=${user}`),
  ]).catch(() => null);
  if (!known) {
    toast(t("invoiceGone"));
    return "failed";
  }
  const [invoice, { balance }] = known;
  const status = await new Checkout({ user, choice, invoice, balance }).ask();
  // Elsewhere the chat itself says so.
  if (status === "paid" && (sheet.isOpen || state.inGroup)) toast(t("paid"));
  return status;
}

function onLink(event) {
  const path = telegramPath(event.target.closest?.("a")?.href ?? "");
  if (path === null) return;
  event.preventDefault();
  openTelegramLink(path);
}

function openTelegramLink(path) {
  const meant = readTelegramPath(path, state.bot.username ?? "");
  switch (meant.kind) {
    case "app":
      return void launch(meant.startParam ? { startParam: meant.startParam } : {}, !meant.compact);
    case "start":
      void sheet.close();
      return void send(`/start ${meant.parameter}`.trim());
    case "invoice":
      return void pay({ slug: meant.slug ?? "" });
    case "share":
      void sheet.close();
      return composer.write(meant.text);
    default:
      return toast(t("linkElsewhere"));
  }
}

async function attempt(act) {
  try {
    await act();
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
    return false;
  }
}

/* ── person and settings ────────────────────────────────────────────────────────────────────────────────────────── */

function choosePerson(id) {
  state.user = id;
  rememberHere("user", String(id));
  sheet.dismiss();
  thread.showSkeleton();
  void load();
}

function chooseChat(chat) {
  state.inGroup = chat === "group";
  rememberHere("group", state.inGroup ? "yes" : "");
  setAbout(null);
  thread.showSkeleton();
  void load();
}

async function addPerson() {
  const id = Math.max(NEWCOMER.user, ...state.people.map((person) => person.id)) + 1;
  const name = NAMES.find((name) => !state.people.some((person) => person.name === name)) ?? `Guest ${id}`;
  if (await attempt(() => post("user", { user: id, name, language: currentLanguage() }))) choosePerson(id);
}

function chooseTheme(theme) {
  state.theme = theme;
  remember("theme", theme);
  applyTheme(theme);
  sheet.themeChanged();
  showSettings();
}

async function chooseLanguage(code) {
  remember("language", code);
  setLanguage(code);
  setWords();
  await attempt(() => post("user", { user: state.user, language: code }));
  await load();
}

/* ── display ────────────────────────────────────────────────────────────────────────────────────────────────────── */

function setWords() {
  composer.setWords();
  panel.setWords();
  byId("to-end").setAttribute("aria-label", t("toEnd"));
  byId("messages").setAttribute("aria-label", t("messages"));
  showStatus();
}

function showAll() {
  byId("bot-name").textContent = state.bot.name;
  document.title = state.bot.name;
  composer.setBot(state.bot);
  composer.setCanStop(state.draft?.canStop ?? false);
  if (thread.isEmpty && !state.draft)
    thread.showWelcome(
      state.inGroup ? t("group") : state.bot.name,
      state.inGroup ? t("groupAbout") : state.bot.description,
    );
  composer.setStart(state.blocked ? t("unblock") : thread.isEmpty && !state.inGroup ? t("start") : null);
  showStatus();
  showNotice();
  showSettings();
}

function showSettings() {
  panel.showSettings({ people: state.people, user: state.user, theme: state.theme, inGroup: state.inGroup });
}

function showStatus() {
  const status = byId("bot-status");
  const words = state.draft ? t("answering") : Date.now() < state.typingUntil ? t("typing") : t("bot");
  if (status.textContent !== words) status.textContent = words;
  status.classList.toggle("busy", words !== t("bot"));
}

/** Shows the model's progress until it serves. */
function showNotice() {
  if (!state.online) return;
  /** @type {Notice} */
  const { kind, model, done = 0, reason } = state.notice ?? { kind: "none" };
  if (kind === "none") byId("notice").hidden = true;
  else if (kind === "no-model") notify(`${t("noModel")} ${reason}`, true);
  else if (kind === "downloading") notify(`${t("downloading")} ${model}: ${Math.floor(done * 100)} %`, false, done);
  else notify(`${t("preparing")} ${model}…`);
}
