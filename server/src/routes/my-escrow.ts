/** A person's self-custody, in the app: their escrow, the vouchers that it signs, and our consent to close. */
import { Hono } from "hono";
import { NewVoucher } from "@starai/protocol/escrow";
import type { AppContext } from "../context.ts";
import { acceptVoucher } from "../escrow/accept-voucher.ts";
import { escrowOf } from "../escrow/escrow-view.ts";
import { giveConsent } from "../escrow/give-consent.ts";
import { parsed } from "./parse.ts";
import { requireSession } from "./require-session.ts";

export function myEscrowRoutes(ctx: AppContext) {
  const mine = requireSession(ctx);
  return new Hono()
    .get("/api/my/escrow", mine, async (c) => c.json(await escrowOf(ctx, c.get("session").person.id), 200))
    .put("/api/my/escrow/voucher", mine, parsed("json", NewVoucher), async (c) =>
      c.json(await acceptVoucher(ctx, c.get("session").person.id, c.req.valid("json")), 200),
    )
    .post("/api/my/escrow/consent", mine, async (c) => c.json(await giveConsent(ctx, c.get("session").person.id), 200));
}
