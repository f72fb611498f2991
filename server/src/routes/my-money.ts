/** A person's own money, in the app: overview, caps, history, top-up, and keys of the API. */
import { Hono } from "hono";
import type { Context } from "hono";
import { stream } from "hono/streaming";
import { z } from "zod";
import { CAP_BOUNDS, Caps, KEY_NAME_CHARS_MAX, NewOrder } from "@starai/protocol/money";
import { historyCsv } from "../account/history-csv.ts";
import { historyPage } from "../account/history.ts";
import { moneyOverview } from "../account/overview.ts";
import { setCaps } from "../account/set-caps.ts";
import type { AppContext } from "../context.ts";
import { keyUsageCsv } from "../gateway/key-usage.ts";
import { changeOwnKey, listOwnKeys, makeOwnKey, revokeOwnKey } from "../gateway/own-keys.ts";
import { makeInvoiceLink } from "../stars/orders.ts";
import { cancelSubscription } from "../stars/subscriptions.ts";
import { parsed } from "./parse.ts";
import { requireSession } from "./require-session.ts";

const Page = z.object({ before: z.string().max(100).optional() });
const Id = z.object({ id: z.uuid() });
const DayCap = z.int().min(CAP_BOUNDS.day.min).max(CAP_BOUNDS.day.max);
const KeyName = z
  .string()
  .trim()
  .min(1, `must have 1 to ${KEY_NAME_CHARS_MAX} characters`)
  .max(KEY_NAME_CHARS_MAX, `must have at most ${KEY_NAME_CHARS_MAX} characters`)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, "must be one line");
/** With an id of the caller's, the same key asked for twice is made once. */
export const NewKey = z.strictObject({ name: KeyName, dayCap: DayCap.optional(), id: z.uuid().optional() });
const ChangedKey = z.strictObject({ name: KeyName.optional(), dayCap: DayCap.optional() });

export function myMoneyRoutes(ctx: AppContext) {
  const mine = requireSession(ctx);
  return new Hono()
    .get("/api/my/money", mine, async (c) => c.json(await moneyOverview(ctx, c.get("session").person), 200))
    .put("/api/my/money/caps", mine, parsed("json", Caps), async (c) => {
      const { person } = c.get("session");
      await setCaps(ctx, person, c.req.valid("json"));
      return c.json(await moneyOverview(ctx, person), 200);
    })
    .get("/api/my/money/history", mine, parsed("query", Page), async (c) =>
      c.json(await historyPage(ctx, c.get("session").person, c.req.valid("query").before ?? null), 200),
    )
    .get("/api/my/money/history.csv", mine, (c) =>
      csv(c, { ctx, name: "history" }, historyCsv(ctx, c.get("session").person)),
    )
    .post("/api/my/stars/orders", mine, parsed("json", NewOrder), async (c) =>
      c.json(await makeInvoiceLink(ctx, c.get("session").person, c.req.valid("json")), 201),
    )
    .delete("/api/my/stars/subscription", mine, async (c) => {
      await cancelSubscription(ctx, c.get("session").person.id);
      return c.json(await moneyOverview(ctx, c.get("session").person), 200);
    })
    .get("/api/my/keys", mine, async (c) => c.json({ keys: await listOwnKeys(ctx, c.get("session").person.id) }, 200))
    .post("/api/my/keys", mine, parsed("json", NewKey), async (c) =>
      c.json(await makeOwnKey(ctx, c.get("session").person.id, c.req.valid("json")), 201),
    )
    .patch("/api/my/keys/:id", mine, parsed("param", Id), parsed("json", ChangedKey), async (c) => {
      const { id } = c.req.valid("param");
      return c.json(await changeOwnKey(ctx, c.get("session").person.id, id, c.req.valid("json")), 200);
    })
    .delete("/api/my/keys/:id", mine, parsed("param", Id), async (c) => {
      await revokeOwnKey(ctx, c.get("session").person.id, c.req.valid("param").id);
      return c.body(null, 204);
    })
    .get("/api/my/keys/:id/usage.csv", mine, parsed("param", Id), async (c) =>
      csv(c, { ctx, name: "usage" }, [await keyUsageCsv(ctx, c.get("session").person.id, c.req.valid("param").id)]),
    );
}

function csv(
  c: Context,
  { ctx, name }: { ctx: AppContext; name: string },
  pieces: AsyncIterable<string> | Iterable<string>,
) {
  c.header("content-type", "text/csv; charset=utf-8");
  c.header("content-disposition", `attachment; filename="starai-${name}.csv"`);
  const write: StreamWriter = async (out) => {
    for await (const piece of pieces) {
      // Whoever went away needs no more of it.
      if (out.aborted) return;
      await out.write(piece);
    }
  };
  return stream(c, write, async (error, out) => {
    ctx.log.error({ err: error }, "a file could not be written to its end");
    await out.write("This file is incomplete: ask for it again.\r\n");
  });
}

type StreamWriter = Parameters<typeof stream>[1];
