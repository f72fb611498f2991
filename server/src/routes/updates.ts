/** The inbox of Telegram updates; see threads/store-updates.ts for why it exists. */
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { UPDATES_PER_CALL_MAX, markHandled, storeUpdates, unhandledUpdates } from "../threads/store-updates.ts";
import { requireBotKey } from "./bot-key.ts";
import { parsed } from "./parse.ts";

const Id = z.int().nonnegative();
const IdText = z.coerce.number().pipe(Id);
const Batch = z.strictObject({
  bot: z.int().positive(),
  updates: z.array(z.looseObject({ update_id: Id })).max(UPDATES_PER_CALL_MAX),
});
const Open = z.object({ bot: IdText, after: z.coerce.number().int().default(-1) });

export function updateRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .post("/api/updates", bot, parsed("json", Batch), async (c) => {
      const open = await storeUpdates(ctx, c.req.valid("json"));
      return c.json({ open }, 200);
    })
    .get("/api/updates", bot, parsed("query", Open), async (c) => {
      const updates = await unhandledUpdates(ctx, c.req.valid("query"));
      return c.json({ updates }, 200);
    })
    .post(
      "/api/updates/:id/handled",
      bot,
      parsed("param", z.object({ id: IdText })),
      parsed("json", z.strictObject({ bot: z.int().positive() })),
      async (c) => {
        await markHandled(ctx, { updateId: c.req.valid("param").id, bot: c.req.valid("json").bot });
        return c.body(null, 204);
      },
    );
}
