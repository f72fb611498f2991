/** For tests: the whole HTTP application over a test's threads, and people whose Mini App is open. */
import { randomBytes } from "node:crypto";
import { sign } from "@tma.js/init-data-node";
import { createApp } from "../app.ts";
import { answerOf, createPublicClient, createSessionClient } from "../client.ts";
import { BOT_TOKEN, openTestThreads } from "./threads.ts";

const BASE = "http://127.0.0.1";

export async function openTestApp(env: Record<string, string> = {}) {
  const stack = await openTestThreads(env);
  const app = createApp(stack.ctx);
  const request = (url: string, init?: RequestInit) => app.request(url, init);
  const open = createPublicClient({ baseUrl: BASE, fetch: request });
  return {
    ...stack,
    app,
    open,
    /** Opens the app as this person, and returns what the app would hold. */
    signIn: async (telegramId: number, launch = launchOf(telegramId, new Date(stack.ctx.clock()))) => {
      const opened = await answerOf(() => open.session.$post({ json: launch }));
      const client = createSessionClient({ baseUrl: BASE, token: () => opened.token, fetch: request });
      return { ...client, ...opened, launch };
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

export type TestApp = Awaited<ReturnType<typeof openTestApp>>;

/** The body a client sends that Telegram opened at this time. */
export function launchOf(telegramId: number, at: Date, token = BOT_TOKEN) {
  const user = { id: telegramId, first_name: "Ann", language_code: "en" };
  return { initData: sign({ user, query_id: randomBytes(6).toString("hex") }, token, at), device: newDevice() };
}

export function newDevice(): string {
  return randomBytes(32).toString("base64url");
}
