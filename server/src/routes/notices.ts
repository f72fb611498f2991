/** What the bot tells people of their coins, and what they answer with its buttons. */
import { Hono } from "hono";
import { z } from "zod";
import type { Notice, NoticeParams } from "@starai/protocol/notices";
import { payerOf } from "../account/person-of.ts";
import type { AppContext } from "../context.ts";
import { noticeTold, untoldNotices } from "../notices/untold-notices.ts";
import { cancelPayout } from "../payouts/cancel-payout.ts";
import { cancelWalletChange } from "../wallets/cancel-wallet-change.ts";
import { requireBotKey } from "./bot-key.ts";
import { parsed } from "./parse.ts";
import { TelegramId } from "./threads.ts";

const Id = z.object({ id: z.uuid() });
const Theirs = z.object({ telegramId: TelegramId, id: z.uuid() });

export function noticeRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .get("/api/notices", bot, async (c) => {
      const { coin } = ctx.config;
      const untold = await untoldNotices(ctx);
      const notices = untold.map((one): Notice => ({ ...one, coin, link: linkOf(ctx, one.params) }));
      return c.json({ notices }, 200);
    })
    .post("/api/notices/:id/told", bot, parsed("param", Id), async (c) => {
      await noticeTold(ctx, c.req.valid("param").id);
      return c.body(null, 204);
    })
    .post("/api/people/:telegramId/wallets/:id/cancel", bot, parsed("param", Theirs), async (c) => {
      const { telegramId, id } = c.req.valid("param");
      await cancelWalletChange(ctx, (await payerOf(ctx, telegramId)).id, id);
      return c.body(null, 204);
    })
    .post("/api/people/:telegramId/payouts/:id/cancel", bot, parsed("param", Theirs), async (c) => {
      const { telegramId, id } = c.req.valid("param");
      await cancelPayout(ctx, { person: (await payerOf(ctx, telegramId)).id, id });
      return c.body(null, 204);
    });
}

function linkOf({ ton: { chain } }: Pick<AppContext, "ton">, params: NoticeParams): string | null {
  if (params.kind !== "payout_paid" || chain === null) return null;
  const link = chain.explorer.transaction.replace("{hash}", params.transaction);
  // A page without an address of its own cannot be opened from a chat.
  return URL.canParse(link) ? link : null;
}
