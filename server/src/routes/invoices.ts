/** Payments asked of a wallet, in the app and on the page outside Telegram. */
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import { NewInvoice } from "@starai/protocol/wallet";
import type { AppContext } from "../context.ts";
import { handInvoice, makeInvoice, noteSent } from "../deposits/invoices.ts";
import { parsed } from "./parse.ts";
import type { SessionEnv } from "./require-session.ts";

const InvoiceId = z.object({ id: z.string().regex(/^\d{1,19}$/) });

/** @param mine  whose session it is */
export function invoiceRoutes(ctx: AppContext, mine: MiddlewareHandler<SessionEnv>) {
  return new Hono()
    .post("/", mine, parsed("json", NewInvoice), async (c) =>
      c.json(await makeInvoice(ctx, c.get("session").person.id, BigInt(c.req.valid("json").amount)), 201),
    )
    .post("/:id/handed", mine, parsed("param", InvoiceId), async (c) =>
      c.json(await handInvoice(ctx, c.get("session").person.id, BigInt(c.req.valid("param").id)), 200),
    )
    .post("/:id/sent", mine, parsed("param", InvoiceId), async (c) =>
      c.json(await noteSent(ctx, c.get("session").person.id, BigInt(c.req.valid("param").id)), 200),
    );
}
