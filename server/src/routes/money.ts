/** Money as the bot sees it: a person's overview, caps and keys, and Telegram's payments of Stars. */
import { Hono } from "hono";
import { z } from "zod";
import { Caps, NewOrder } from "@starai/protocol/money";
import { moneyOverview } from "../account/overview.ts";
import { payerOf } from "../account/person-of.ts";
import { setCaps } from "../account/set-caps.ts";
import type { AppContext } from "../context.ts";
import { listOwnKeys, makeOwnKey, revokeOwnKey } from "../gateway/own-keys.ts";
import { checkOut, makeOrderFor } from "../stars/orders.ts";
import { creditPayment } from "../stars/payments.ts";
import { takeBackRefunded } from "../stars/refunds.ts";
import { cancelSubscription, changeSubscription } from "../stars/subscriptions.ts";
import { requireBotKey } from "./bot-key.ts";
import { NewKey } from "./my-money.ts";
import { parsed } from "./parse.ts";
import { PersonFields, TelegramId } from "./threads.ts";

const Person = z.object({ telegramId: TelegramId });
const PersonsKey = Person.extend({ id: z.uuid() });
const Charge = z.string().min(1).max(256);
const Seconds = z.int().positive();
const Stars = z.int().positive().max(1_000_000);
const Checkout = z.strictObject({
  payload: z.string().max(256),
  telegramId: TelegramId,
  currency: z.string().max(8),
  amount: z.int(),
});
const Payment = z.strictObject({
  charge: Charge,
  payer: z.strictObject({ telegramId: z.int().positive(), ...PersonFields }),
  payload: z.string().max(256),
  stars: Stars,
  at: Seconds,
  recurring: z.boolean(),
  firstRecurring: z.boolean(),
  until: Seconds.nullable(),
});
/** The first thing somebody does here may be to pay. */
const BotOrder = z.strictObject({ ...PersonFields, order: NewOrder });
const Refund = z.strictObject({ charge: Charge, telegramId: TelegramId, stars: Stars, at: Seconds });
const Subscription = z.strictObject({
  telegramId: TelegramId,
  payload: z.string().max(256),
  state: z.enum(["active", "canceled", "failed"]),
});

export function moneyRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .get("/api/people/:telegramId/money", bot, parsed("param", Person), async (c) =>
      c.json(await moneyOverview(ctx, await payerOf(ctx, c.req.valid("param").telegramId)), 200),
    )
    .put("/api/people/:telegramId/caps", bot, parsed("param", Person), parsed("json", Caps), async (c) => {
      const payer = await payerOf(ctx, c.req.valid("param").telegramId);
      await setCaps(ctx, payer, c.req.valid("json"));
      return c.json(await moneyOverview(ctx, payer), 200);
    })
    .get("/api/people/:telegramId/keys", bot, parsed("param", Person), async (c) => {
      const { id } = await payerOf(ctx, c.req.valid("param").telegramId);
      return c.json({ keys: await listOwnKeys(ctx, id) }, 200);
    })
    .post("/api/people/:telegramId/keys", bot, parsed("param", Person), parsed("json", NewKey), async (c) => {
      const { id } = await payerOf(ctx, c.req.valid("param").telegramId);
      return c.json(await makeOwnKey(ctx, id, c.req.valid("json")), 201);
    })
    .delete("/api/people/:telegramId/keys/:id", bot, parsed("param", PersonsKey), async (c) => {
      const { telegramId, id } = c.req.valid("param");
      await revokeOwnKey(ctx, (await payerOf(ctx, telegramId)).id, id);
      return c.body(null, 204);
    })
    .post("/api/people/:telegramId/stars/orders", bot, parsed("param", Person), parsed("json", BotOrder), async (c) => {
      const { order, ...fields } = c.req.valid("json");
      return c.json(await makeOrderFor(ctx, { ...c.req.valid("param"), ...fields }, order), 201);
    })
    .delete("/api/people/:telegramId/stars/subscription", bot, parsed("param", Person), async (c) => {
      await cancelSubscription(ctx, (await payerOf(ctx, c.req.valid("param").telegramId)).id);
      return c.body(null, 204);
    })
    .post("/api/stars/checkouts", bot, parsed("json", Checkout), async (c) =>
      c.json(await checkOut(ctx, c.req.valid("json")), 200),
    )
    .post("/api/stars/payments", bot, parsed("json", Payment), async (c) =>
      c.json(await creditPayment(ctx, c.req.valid("json")), 200),
    )
    .post("/api/stars/refunds", bot, parsed("json", Refund), async (c) =>
      c.json(await takeBackRefunded(ctx, c.req.valid("json")), 200),
    )
    .post("/api/stars/subscriptions", bot, parsed("json", Subscription), async (c) => {
      await changeSubscription(ctx, c.req.valid("json"));
      return c.body(null, 204);
    });
}
