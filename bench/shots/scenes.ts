/** Scenes for screenshots: each screen in each of its states. */
import type { Frame, Page } from "playwright-core";
import { thinks } from "@starai/server/testing/scripted-thinking";
import type { Person, Stage } from "./stage.ts";

export interface Moment {
  page: Page;
  frame: Frame;
  stage: Stage;
  person: Person;
}

export interface Scene {
  name: string;
  /** Path in the app; by default its start page. */
  path?: (person: Person) => string;
  /** Whether the person has no conversation yet. */
  newcomer?: boolean;
  /** Whether the app is opened outside Telegram. */
  outside?: boolean;
  /** A page that is not the app. */
  page?: (stage: Stage) => string;
  /** The whole simulator page instead of the app alone. */
  simulator?: boolean;
  act?: (moment: Moment) => Promise<void>;
  after?: (moment: Moment) => Promise<void>;
}

const chat = (person: Person) => `/chats/${person.thread}`;
const foot = /^(2 steps|2 шага) · /;

async function openListMenu(frame: Frame, item: RegExp): Promise<void> {
  await frame.getByRole("button", { name: /^(More|Ещё)$/ }).click();
  await frame.getByRole("menuitem", { name: item }).click();
}

export const SCENES: readonly Scene[] = [
  { name: "threads", act: ({ frame }) => frame.getByRole("listitem").first().waitFor() },
  { name: "threads-empty", newcomer: true },
  {
    name: "threads-search",
    act: async ({ frame, person }) => {
      await frame.getByRole("searchbox").fill(person.language === "en" ? "birthday" : "рождения");
      await frame.locator("mark").first().waitFor();
    },
  },
  {
    name: "threads-search-nothing",
    act: async ({ frame, page }) => {
      await frame.getByRole("searchbox").fill("zebra");
      await page.waitForTimeout(1_200);
    },
  },
  {
    name: "threads-menu",
    act: async ({ frame }) => {
      await frame.getByRole("listitem").first().getByRole("button").last().click();
      await frame.getByRole("menu").waitFor();
    },
  },
  {
    name: "threads-chosen",
    act: async ({ frame }) => {
      await openListMenu(frame, /Select chats|Выбрать чаты/);
      await frame.getByRole("checkbox").first().check();
    },
  },
  {
    name: "threads-archived",
    act: async ({ frame }) => {
      await openListMenu(frame, /Archived chats|Архив/);
      await frame.getByText(/Nothing is archived|В архиве пусто/).waitFor();
    },
  },
  {
    name: "share-sheet",
    act: async ({ frame }) => {
      await frame.getByRole("listitem").first().getByRole("button").last().click();
      await frame.getByRole("menuitem", { name: /Share by a link|Поделиться по ссылке/ }).click();
      const make = frame.getByRole("button", { name: /Make a link|Создать ссылку/ });
      await make.or(frame.getByRole("textbox", { name: /^(Link|Ссылка)$/ })).waitFor();
      if (await make.isVisible()) await make.click();
      await frame.getByRole("textbox", { name: /^(Link|Ссылка)$/ }).waitFor();
    },
  },
  {
    name: "chat-code",
    path: (person) => `/chats/${person.code}`,
    act: ({ frame }) => frame.locator(".hljs-keyword").first().waitFor(),
  },
  { name: "chat", path: chat, act: ({ frame }) => frame.locator("table").waitFor() },
  {
    name: "chat-steps",
    path: chat,
    act: async ({ frame }) => {
      await frame.getByRole("button", { name: foot }).first().click();
      await frame.getByText("17% of 2480").first().waitFor();
      await frame.getByRole("button", { name: foot }).first().scrollIntoViewIfNeeded();
    },
  },
  {
    name: "chat-thinking",
    path: chat,
    act: async ({ frame, stage, person }) => {
      const thought =
        person.language === "en"
          ? "They want a cheaper one, so I compare prices."
          : "Нужна карта подешевле, сравню цены.";
      stage.stack.script = async function* ({ stop }) {
        yield* thinks(thought);
        await new Promise((resolve) => stop.addEventListener("abort", resolve));
      };
      await frame.locator("table").waitFor();
      await frame
        .getByRole("textbox")
        .last()
        .fill(person.language === "en" ? "And which is cheaper?" : "А какая дешевле?");
      await frame.getByRole("textbox").last().press("Enter");
      await frame.getByText(thought).waitFor();
    },
    after: async ({ frame }) => {
      await frame.getByRole("button", { name: /^(Stop|Стоп)$/ }).click();
      await frame.getByRole("button", { name: /^(Send|Отправить)$/ }).waitFor();
    },
  },
  {
    name: "chat-menu",
    path: chat,
    act: async ({ frame }) => {
      await frame.locator("table").waitFor();
      await frame.locator(".answer .message-more").last().click();
      await frame.getByRole("menu").waitFor();
    },
  },
  {
    name: "chat-long",
    path: (person) => `/chats/${person.long}`,
    act: ({ frame }) => frame.getByText("A graphics card").or(frame.getByText("Видеокарта —")).first().waitFor(),
  },
  {
    name: "chat-empty",
    newcomer: true,
    act: async ({ frame }) => {
      await frame
        .getByRole("button", { name: /New chat|Новый чат/ })
        .first()
        .click();
      await frame.getByRole("textbox").last().waitFor();
    },
  },
  {
    name: "chat-offline",
    path: chat,
    act: async ({ frame, page }) => {
      await frame.locator("table").waitFor();
      await page.context().setOffline(true);
      await frame
        .getByText(/No network|Нет сети/)
        .first()
        .waitFor();
    },
  },
  { name: "chat-gone", path: () => "/chats/00000000-0000-4000-8000-000000000000" },
  { name: "pool", path: () => "/pool", act: ({ frame }) => frame.locator("canvas").first().waitFor() },
  {
    name: "machines-empty",
    newcomer: true,
    path: () => "/machines",
    act: ({ frame }) => frame.locator(".pool-command").first().waitFor(),
  },
  {
    name: "settings",
    path: () => "/settings",
    act: ({ frame }) => frame.getByText(/Default model|Модель по умолчанию/).waitFor(),
  },
  {
    name: "model-sheet",
    path: () => "/settings",
    act: async ({ frame }) => {
      await frame.getByText(/Default model|Модель по умолчанию/).click();
      await frame.getByRole("dialog").waitFor();
    },
  },
  {
    name: "about-me-sheet",
    path: () => "/settings",
    act: async ({ frame }) => {
      await frame.getByText(/^(About you|О вас)$/).click();
      await frame.getByRole("dialog").waitFor();
    },
  },
  {
    name: "wallet",
    path: () => "/wallet",
    act: ({ frame }) => frame.getByText(/^(Show all|Показать всё)$/).waitFor(),
  },
  { name: "wallet-empty", newcomer: true, path: () => "/wallet", act: ({ frame }) => frame.locator(".free").waitFor() },
  {
    name: "top-up-sheet",
    path: () => "/wallet/top-up",
    act: ({ frame }) => frame.getByRole("button", { name: /^50 (Stars|Звёзд)/ }).waitFor(),
  },
  {
    name: "limits-sheet",
    path: () => "/wallet/limits",
    act: ({ frame }) => frame.getByRole("textbox").first().waitFor(),
  },
  {
    name: "history",
    path: () => "/wallet/history",
    act: ({ frame }) => frame.getByRole("heading", { name: /^(Today|Сегодня)$/ }).waitFor(),
  },
  {
    name: "receipt-sheet",
    path: chat,
    act: async ({ frame }) => {
      await frame
        .getByRole("button", { name: /^(Receipt|Чек)/ })
        .last()
        .click();
      await frame.getByText(/^(Verified on this device|Проверена на этом устройстве)$/).waitFor();
    },
  },
  {
    name: "keys",
    path: () => "/wallet/keys",
    act: ({ frame }) => frame.getByText(/^(How to use one|Как пользоваться)$/).waitFor(),
  },
  { name: "terms", path: () => "/terms", act: ({ frame }) => frame.getByText(/Fair use|Честное/).waitFor() },
  { name: "outside", outside: true },
  { name: "simulator", simulator: true, path: chat, act: ({ frame }) => frame.locator("table").waitFor() },
];
