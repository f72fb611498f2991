/** A bot that sells for Stars: grammY's own client on its side, and the simulator's clock in the test's hand. */
import type { Message, Update } from "@grammyjs/types";
import { Api, GrammyError } from "grammy";
import { TEST_TOKEN, testFolder, testSimulator } from "./simulator.ts";
import type { TestSimulator } from "./simulator.ts";

export const ANN = 42;
export const BEN = 43;
export const GROUP = -1001;
export const MONTH_S = 2_592_000;

export interface Shop extends TestSimulator {
  readonly api: Api;
  /** Updates that came since the last call, all confirmed; the first of them is waited for if `timeout` is given, seconds. */
  heard(timeout?: number): Promise<Update[]>;
  pay(choice: object): Promise<Record<string, unknown>>;
  /** Begins a payment and waits until the bot has been asked. */
  beginToPay(choice: object): Promise<{ outcome: Promise<Record<string, unknown>>; id: string; asked: Update }>;
  /** Pays, and has the bot answer with `verdict` before anything else happens. */
  payAnswered(choice: object, verdict?: { ok: boolean; reason?: string }): Promise<Record<string, unknown>>;
  balance(user: number): Promise<number>;
  subscriptions(user: number): Promise<{ charge: string; until: number; state: string }[]>;
}

export async function shop(folder = testFolder()): Promise<Shop> {
  const sim = testSimulator(folder);
  const inProcess = (url: string, init: RequestInit) => sim.routes.request(url, init);
  const api = new Api(TEST_TOKEN, { apiRoot: "http://localhost", fetch: inProcess as never });
  let offset = 0;
  const purse = async (user: number) =>
    (await (await sim.routes.request(`/sim/stars?user=${user}`)).json()) as {
      balance: number;
      subscriptions: { charge: string; until: number; state: string }[];
    };
  const made: Shop = {
    ...sim,
    [Symbol.asyncDispose]: () => sim[Symbol.asyncDispose](),
    api,
    async heard(timeout = 0) {
      const updates = await api.getUpdates({ offset, timeout });
      offset = (updates.at(-1)?.update_id ?? offset - 1) + 1;
      return updates;
    },
    pay: async (choice) => (await sim.sim("pay", choice)).body,
    async beginToPay(choice) {
      const outcome = made.pay(choice);
      const [asked] = await made.heard(5);
      if (!asked?.pre_checkout_query) throw new Error(`the bot was not asked: ${JSON.stringify(await outcome)}`);
      return { outcome, id: asked.pre_checkout_query.id, asked };
    },
    async payAnswered(choice, { ok, reason } = { ok: true }) {
      await made.heard();
      const { outcome, id } = await made.beginToPay(choice);
      await api.answerPreCheckoutQuery(id, ok, reason === undefined ? {} : { error_message: reason });
      return outcome;
    },
    balance: async (user) => (await purse(user)).balance,
    subscriptions: async (user) => (await purse(user)).subscriptions,
  };
  await sim.sim("text", { user: ANN, text: "/start", name: "Ann" });
  await made.heard();
  return made;
}

export const PACK = [
  "50 answers",
  "Answers of the large model",
  "order-1",
  "",
  "XTR",
  [{ label: "Stars", amount: 50 }],
] as const;
export const sendPack = (it: Shop): Promise<Message.InvoiceMessage> => {
  const [title, description, payload, , currency, prices] = PACK;
  return it.api.sendInvoice(ANN, title, description, payload, currency, [...prices]);
};
export const linkOf = async (it: Shop, amount = 50, more: object = {}): Promise<string> => {
  const [title, description, payload, token, currency] = PACK;
  const prices = [{ label: "Stars", amount }];
  const link = await it.api.createInvoiceLink(title, description, payload, token, currency, prices, more);
  return link.replace("https://t.me/$", "");
};
export const keyboard = (...buttons: object[]) => ({ reply_markup: { inline_keyboard: [buttons] } });
export const paymentIn = (updates: Update[]) => updates.flatMap(({ message }) => message?.successful_payment ?? []);
export const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  const refusal = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(refusal instanceof GrammyError)) throw new Error(`not refused: ${String(refusal)}`);
  return refusal.description;
};

/** A shop where Ann has subscribed for 100 Stars a month. */
export async function subscribed(folder?: string) {
  const it = await shop(folder);
  const slug = await linkOf(it, 100, { subscription_period: MONTH_S });
  const { charge } = (await it.payAnswered({ user: ANN, slug })) as { charge: string };
  const [first] = paymentIn(await it.heard());
  const act = (what: string) => it.sim("subscription", { user: ANN, charge, act: what });
  return { ...it, [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](), charge, first, act };
}
