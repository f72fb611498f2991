/** A whole house that charges for its answers, and its people as they use it: the chat, Telegram's Stars and the app. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { DEFAULT_SETTINGS } from "@starai/server/billing/money-settings";
import type { MoneySettings } from "@starai/server/billing/money-settings";
import { readOperatorCommand } from "@starai/server/operator/operator-command";
import { readStanding } from "@starai/server/stars/star-books";
import { createTestDatabase } from "@starai/server/testing/database";
import { checkReceipt } from "@starai/server/receipts/check-receipt";
import { answers } from "@starai/server/testing/scripted-thinking";
import type { HistoryEntry, HistoryPage, MoneyOverview } from "@starai/protocol/money";
import type { Receipt, ReceiptKey, SignedReceipt } from "@starai/protocol/receipts";
import { openStagedStack } from "../src/staged-stack.ts";
import type { MessageView } from "../src/telegram/views.ts";

export const NANO_PER_STAR = 1_000_000_000n;
const FREE_ANSWERS = 2;
const PATIENCE_MS = 15_000;

/** Dear, so that a cent a day and fifty Stars are used up by a few answers. */
const DEAR: MoneySettings = {
  ...DEFAULT_SETTINGS,
  prices: {
    unit: "micro_usd",
    classes: [{ parametersMax: 2.5e9, prices: { prompt: 2_000_000n, cached: 500_000n, answer: 30_000_000n } }],
    models: new Map(),
  },
  free: { ...DEFAULT_SETTINGS.free, answersPerDay: FREE_ANSWERS, dayMicroUsd: 1_000_000_000n },
};

export interface Books {
  readonly entries: readonly HistoryEntry[];
  /** Of every answer and request, each of them checked as anybody can. */
  readonly receipts: readonly Receipt[];
}

export type MoneyHouse = Awaited<ReturnType<typeof openMoneyHouse>>;
export type Person = ReturnType<MoneyHouse["person"]>;

/** @param money  the house's settings; dear ones where none are given */
export async function openMoneyHouse(money: MoneySettings = DEAR) {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-money-"));
  await chmod(home, 0o755);
  const database = await createTestDatabase();
  const stack = await openStagedStack({ home, database, money });
  // Questions come with the agent's reminders to the model.
  stack.script = ({ question }) => answers(`You said: ${question.split("\n\n(", 1)[0]}`);

  const ask = async <Body>(address: string, init: RequestInit = {}): Promise<Body> => {
    const answer = await fetch(`${stack.url}${address}`, init);
    if (!answer.ok) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  };
  const post = <Body>(address: string, body: object, headers: Record<string, string> = {}, method = "POST") =>
    ask<Body>(address, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  /** Somebody with a chat with the bot, and with the app where they have asked something. */
  function person(user: number) {
    let token: string | null = null;
    const chat = async () => (await ask<{ messages: MessageView[] }>(`sim/transcript?user=${user}`)).messages;
    /** What the bot sent from here on, once that fulfils the wish. */
    const until = async (wish: (news: MessageView[]) => boolean, since = 0): Promise<MessageView[]> => {
      const news = async () => (await chat()).slice(since).filter(({ from }) => from === "bot");
      await expect
        .poll(async () => wish(await news()) || (await news()).map(({ text }) => text), { timeout: PATIENCE_MS })
        .toBe(true);
      return news();
    };
    const one = {
      user,
      chat,
      /** Sends this and waits for `count` messages from the bot. */
      async say(text: string, count = 1): Promise<MessageView[]> {
        const since = (await chat()).length;
        await stack.say(user, text);
        await until((all) => all.length >= count, since);
        await settled();
        return until(() => true, since);
      },
      async tap(message: MessageView, button: string, count = 1): Promise<MessageView[]> {
        const since = (await chat()).length;
        await post("sim/tap", { user, message: message.id, button });
        return until((all) => all.length >= count, since);
      },
      pay: async (message: MessageView) =>
        post<{ status: string; charge: string }>("sim/pay", { user, message: message.id }),
      untilSaid: async (words: string) => (await until((all) => all.some(({ text }) => text.includes(words)))).at(-1)!,
      async api<Body>(
        address: string,
        { method = "GET", body }: { method?: string; body?: object } = {},
      ): Promise<Body> {
        token ??= await signIn(user);
        const headers = { authorization: `Bearer ${token}` };
        return body === undefined
          ? ask<Body>(address, { method, headers })
          : post<Body>(address, body, headers, method);
      },
      async text(address: string): Promise<string> {
        token ??= await signIn(user);
        return (await fetch(`${stack.url}${address}`, { headers: { authorization: `Bearer ${token}` } })).text();
      },
      money: () => one.api<MoneyOverview>("api/my/money"),
      /** Tops up as the chat offers it. Returns the charge. */
      async topUp(pack: string): Promise<string> {
        const [menu] = await one.say("/topup");
        const button = menu!.buttons.flat().find(({ text }) => text.startsWith(pack))!;
        const [invoice] = await one.tap(menu!, button.text);
        const { status, charge } = await one.pay(invoice!);
        expect(status).toBe("paid");
        return charge;
      },
      speak: (language: string) => post("sim/user", { user, language }),
      /** Where the button of this message opens the app. */
      launchUrl: async (message: MessageView, button: string, theme: Record<string, string>) =>
        (await post<{ url: string }>("sim/launch", { user, message: message.id, button, theme })).url,
      books: () => booksOf((address) => one.api(address)),
    };
    return one;
  }

  async function signIn(user: number): Promise<string> {
    const { initData } = await post<{ initData: string }>("sim/launch", { user, url: `${stack.url}app/` });
    return (await post<{ token: string }>("api/session", { initData, device: "d".repeat(43) })).token;
  }

  /** Every bill is closed and every update handled. */
  async function settled(): Promise<void> {
    const sql = `select (select count(*) from bills where closed_at is null) + (select count(*) from runs where status = 'running')
      + (select count(*) from updates where handled_at is null) as count`;
    await expect
      .poll(async () => Number((await stack.ctx.pg.query<{ count: string }>(sql)).rows[0]?.count), {
        timeout: PATIENCE_MS,
      })
      .toBe(0);
  }

  return {
    stack,
    person,
    post,
    settled,
    async standingOf(user: number) {
      const { rows } = await stack.ctx.pg.query("select id from people where telegram_id = $1", [user]);
      return readStanding(stack.ctx.pg, rows[0]?.id ?? null);
    },
    async operator(...words: string[]): Promise<string> {
      const said: string[] = [];
      const asked = readOperatorCommand(words);
      await asked?.command.run(stack.ctx, asked.words, (line) => void said.push(line));
      return said.join("\n");
    },
    async [Symbol.asyncDispose]() {
      await stack[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A person's whole history, and the receipts of it, fetched and checked against the published keys. */
async function booksOf(api: <Body>(address: string) => Promise<Body>): Promise<Books> {
  const entries: HistoryEntry[] = [];
  for (let next: string | null = ""; next !== null;) {
    const page: HistoryPage = await api(`api/my/money/history${next === "" ? "" : `?before=${next}`}`);
    entries.push(...page.entries);
    next = page.next;
  }
  const { keys } = await api<{ keys: ReceiptKey[] }>("api/receipt-keys");
  const receipts: Receipt[] = [];
  for (const { receipt: id } of entries) {
    if (id === null) continue;
    const { receipt, faults } = checkReceipt(await api<SignedReceipt>(`api/receipts/${id}`), keys);
    expect(faults).toEqual([]);
    receipts.push(receipt!);
  }
  return { entries, receipts };
}
