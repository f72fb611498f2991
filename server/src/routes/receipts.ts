/**
 * Receipts and the keys they are signed with, for anybody: a receipt's id is a random number of 122 bits that only its
 * person has, it holds no texts, and whoever is shown one can verify it.
 */
import { Hono } from "hono";
import { z } from "zod";
import { listReceiptKeys, receiptOf } from "../account/receipts.ts";
import type { AppContext } from "../context.ts";
import { parsed } from "./parse.ts";

const Id = z.object({ id: z.uuid() });

export function receiptRoutes(ctx: AppContext) {
  return new Hono()
    .get("/api/receipts/:id", parsed("param", Id), async (c) =>
      c.json(await receiptOf(ctx, c.req.valid("param").id), 200),
    )
    .get("/api/receipt-keys", async (c) => c.json({ keys: await listReceiptKeys(ctx) }, 200));
}
