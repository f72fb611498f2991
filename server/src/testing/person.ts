/** For tests: a person with the Mini App open and the bot's chat beside it, with a short method for each act. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import { answerOf, createServerClient } from "../client.ts";
import { answers } from "./scripted-thinking.ts";
import { BOT_KEY } from "./threads.ts";
import { openTestApp } from "./app.ts";
import type { TestApp } from "./app.ts";

let people = 100;
let externalIds = 0;

/** A client's key of a message, unique in this process. */
export const newExternalId = () => `message-${externalIds++}`;

/** The bot's side of the server, in process. */
export const botOf = ({ app }: TestApp) =>
  createServerClient({ baseUrl: "http://127.0.0.1", botKey: BOT_KEY, fetch: (url, init) => app.request(url, init) });

/** One application for the tests of a file, whose model repeats its input; before each test a new person opens it. */
export function inOneApp(given: (stack: TestApp, ann: TestPerson) => void): void {
  let stack: TestApp;
  beforeAll(async () => {
    stack = await openTestApp();
  });
  beforeEach(async () => {
    stack.thinking.script = ({ question }) => answers(`You said: ${question}`);
    given(stack, await newPerson(stack));
  });
  afterAll(() => stack[Symbol.asyncDispose]());
}

/** Opens the app as a new person. */
export async function newPerson(stack: TestApp) {
  const telegramId = ++people;
  const signedIn = await stack.signIn(telegramId);
  const { my } = signedIn;
  const bot = botOf(stack);
  const newThread = async () => (await answerOf(() => my.threads.$post())).id;
  const send = (id: string, text: string, more: { parent?: string; edits?: string; externalId?: string } = {}) =>
    answerOf(() =>
      my.threads[":id"].messages.$post({ param: { id }, json: { externalId: newExternalId(), text, ...more } }),
    );
  const read = (id: string, before?: string) =>
    answerOf(() => my.threads[":id"].$get({ param: { id }, query: before === undefined ? {} : { before } }));
  return {
    ...signedIn,
    telegramId,
    /** The person as the bot identifies them to the server. */
    telegram: { telegramId, name: "Ann", language: "en" },
    chat: `telegram:${telegramId}`,
    newThread,
    send,
    read,
    texts: async (id: string) => (await read(id)).messages.map(({ text }) => text),
    again: (id: string, externalId = newExternalId()) =>
      answerOf(() => my.messages[":id"].regenerate.$post({ param: { id }, json: { externalId } })),
    choose: (id: string, message: string) =>
      answerOf(() => my.threads[":id"].head.$put({ param: { id }, json: { message } })),
    change: (id: string, json: Parameters<(typeof my.threads)[":id"]["$patch"]>[0]["json"]) =>
      answerOf(() => my.threads[":id"].$patch({ param: { id }, json })),
    list: (query: { q?: string; before?: string; archived?: "true" } = {}) =>
      answerOf(() => my.threads.$get({ query })),
    /** Writes to the bot, in their own chat or in a group. */
    write: (text: string, chat = `telegram:${telegramId}`) =>
      answerOf(() =>
        bot.api.messages.$post({
          json: { person: { telegramId, name: "Ann", language: "en" }, chat, externalId: newExternalId(), text },
        }),
      ),
    /** A conversation of these questions in the app, each answered. */
    async talk(...questions: string[]) {
      const thread = await newThread();
      const asked = [];
      for (const text of questions) {
        const one = await send(thread, text);
        await stack.ended(one.run);
        asked.push(one);
      }
      return { thread, asked };
    },
  };
}

export type TestPerson = Awaited<ReturnType<typeof newPerson>>;
