/** A simulator of its own on a free port, for one test. */
import fs from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { openSimulator } from "../src/telegram/open-simulator.ts";
import type { Simulator, SimulatorOptions } from "../src/telegram/open-simulator.ts";
import type { MessageView } from "../src/telegram/views.ts";

export const TOKEN = "7000000001:AAtest-token-of-the-simulator-0123456789";

export interface ServedSimulator extends AsyncDisposable {
  readonly base: string;
  readonly simulator: Simulator;
  readonly folder: string;
  say(user: number, text: string, more?: object): Promise<number>;
  post(what: string, body: object): Promise<Response>;
  /** Cuts every connection, as a server that dies does. */
  dropConnections(): void;
  transcript(chat: number): Promise<MessageView[]>;
  /** Waits until the chat's messages fulfil `wish`. @throws after ten seconds, with the chat's messages */
  until(chat: number, wish: (messages: MessageView[]) => boolean): Promise<MessageView[]>;
}

function simulatorFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "starai-simulator-"));
}

export async function serveSimulator(
  more: Pick<SimulatorOptions, "firstRequest" | "clock"> = {},
): Promise<ServedSimulator> {
  const folder = simulatorFolder();
  const simulator = openSimulator({ folder, token: TOKEN, ...more });
  const server = serve({ fetch: simulator.routes.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (what: string, body: object) =>
    fetch(`${base}/sim/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const transcript = async (chat: number) => {
    const answer = (await (await fetch(`${base}/sim/transcript?chat=${chat}`)).json()) as { messages: MessageView[] };
    return answer.messages;
  };
  return {
    base,
    simulator,
    folder,
    post,
    dropConnections: () => server.closeAllConnections(),
    transcript,
    async say(user, text, more = {}) {
      const answer = await post("text", { user, text, ...more });
      const body = (await answer.json()) as { message?: number; error?: string };
      if (body.message === undefined) throw new Error(body.error);
      return body.message;
    },
    async until(chat, wish) {
      const end = Date.now() + 10_000;
      for (;;) {
        const messages = await transcript(chat);
        if (wish(messages)) return messages;
        if (Date.now() > end)
          throw new Error(`timed out; the chat has ${JSON.stringify(messages.map(({ text }) => text))}`);
        await sleep(20);
      }
    },
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
