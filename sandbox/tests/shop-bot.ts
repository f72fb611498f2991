/** A small grammY bot that sells: invoices, a subscription, its refusals and refunds, each on a command. */
import { Bot } from "grammy";
import { TOKEN } from "./serve-simulator.ts";

export interface ShopBot extends AsyncDisposable {
  readonly bot: Bot;
  /** Set by a test: what the bot says to the next checkouts. `silent` gives no answer at all. */
  answer: { kind: "agree" } | { kind: "refuse"; reason: string } | { kind: "silent" };
  /** Charges in order of their payments. */
  readonly charges: string[];
  /** Updates other than texts, by kind, in order. */
  readonly heard: string[];
  /** A link to an invoice of so many Stars. */
  link(stars: number, more?: { subscription_period?: number }): Promise<string>;
}

const ABOUT = "Answers of the large model, without waiting behind others. They stay yours until they are used.";

export async function startShopBot(base: string): Promise<ShopBot> {
  const bot = new Bot(TOKEN, { client: { apiRoot: base } });
  const charges: string[] = [];
  const heard: string[] = [];
  const shop: ShopBot = {
    bot,
    charges,
    heard,
    answer: { kind: "agree" },
    link: (stars, more = {}) =>
      bot.api.createInvoiceLink(
        "StarAI monthly",
        ABOUT,
        "monthly",
        "",
        "XTR",
        [{ label: "A month", amount: stars }],
        more,
      ),
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await running.catch(() => undefined);
    },
  };
  bot.command("start", (ctx) => ctx.reply("Send /buy and how many Stars."));
  bot.command("buy", async (ctx) => {
    const stars = Number(ctx.match || 50);
    await ctx.replyWithInvoice(`${stars} Stars of answers`, ABOUT, `order-${stars}`, "XTR", [
      { label: "Pack", amount: stars },
    ]);
  });
  bot.command("link", async (ctx) =>
    ctx.reply(`A month of StarAI: ${await shop.link(100, { subscription_period: 2_592_000 })}`),
  );
  bot.command("refund", async (ctx) => {
    const refusal = await ctx.api
      .refundStarPayment(ctx.chatId, charges.at(-1) ?? "none")
      .catch((error: Error) => error);
    if (refusal !== true) await ctx.reply(refusal.message);
  });
  bot.on("pre_checkout_query", async (ctx) => {
    heard.push("pre_checkout_query");
    const { answer } = shop;
    if (answer.kind === "agree") await ctx.answerPreCheckoutQuery(true);
    if (answer.kind === "refuse") await ctx.answerPreCheckoutQuery(false, answer.reason);
  });
  bot.on("message:successful_payment", (ctx) => {
    heard.push("successful_payment");
    charges.push(ctx.message.successful_payment.telegram_payment_charge_id);
  });
  bot.on("message:refunded_payment", () => void heard.push("refunded_payment"));
  bot.use((ctx) => void (ctx.update.subscription && heard.push(`subscription ${ctx.update.subscription.state}`)));
  bot.catch(() => {});
  const running = bot.start();
  return shop;
}
