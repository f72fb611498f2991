/** A person's coins on TON, in the app: their wallet, deposits and withdrawals. */
import { Hono } from "hono";
import { z } from "zod";
import { NewClaim, NewPayout, WalletProof } from "@starai/protocol/wallet";
import type { AppContext } from "../context.ts";
import { claimDeposit } from "../deposits/claims.ts";
import { cancelPayout } from "../payouts/cancel-payout.ts";
import { chainOverview } from "../payouts/chain-overview.ts";
import { requestPayout } from "../payouts/request-payout.ts";
import { bindWallet, removeWallet } from "../wallets/bind-wallet.ts";
import { cancelWalletChange } from "../wallets/cancel-wallet-change.ts";
import { makeNonce } from "../wallets/nonces.ts";
import { invoiceRoutes } from "./invoices.ts";
import { parsed } from "./parse.ts";
import { requireSession } from "./require-session.ts";

const Id = z.object({ id: z.uuid() });

export function myWalletRoutes(ctx: AppContext) {
  const mine = requireSession(ctx);
  return (
    new Hono()
      // Every wallet's screen asks; that there is no chain is no fault of a server that has none.
      .get("/api/my/wallet", mine, async (c) =>
        c.json(ctx.ton.chain === null ? null : await chainOverview(ctx, c.get("session").person.id), 200),
      )
      .post("/api/my/wallet/nonces", mine, async (c) => c.json(await makeNonce(ctx, c.get("session").person.id), 201))
      .put("/api/my/wallet", mine, parsed("json", WalletProof), async (c) => {
        const { id } = c.get("session").person;
        await bindWallet(ctx, id, c.req.valid("json"));
        return c.json(await chainOverview(ctx, id), 200);
      })
      .post("/api/my/wallet/:id/cancel", mine, parsed("param", Id), async (c) => {
        const { id } = c.get("session").person;
        await cancelWalletChange(ctx, id, c.req.valid("param").id);
        return c.json(await chainOverview(ctx, id), 200);
      })
      .delete("/api/my/wallet", mine, async (c) => {
        const { id } = c.get("session").person;
        await removeWallet(ctx, id);
        return c.json(await chainOverview(ctx, id), 200);
      })
      .route("/api/my/deposits/invoices", invoiceRoutes(ctx, mine))
      .post("/api/my/deposits/claims", mine, parsed("json", NewClaim), async (c) => {
        await claimDeposit(ctx, c.get("session").person.id, c.req.valid("json").words);
        return c.body(null, 204);
      })
      .post("/api/my/payouts", mine, parsed("json", NewPayout), async (c) => {
        const { id } = c.get("session").person;
        const { id: payout, amount } = c.req.valid("json");
        await requestPayout(ctx, { person: id, id: payout, amount: BigInt(amount) });
        return c.json(await chainOverview(ctx, id), 201);
      })
      .post("/api/my/payouts/:id/cancel", mine, parsed("param", Id), async (c) => {
        const { id } = c.get("session").person;
        await cancelPayout(ctx, { person: id, id: c.req.valid("param").id });
        return c.json(await chainOverview(ctx, id), 200);
      })
  );
}
