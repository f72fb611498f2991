/**
 * Paying in outside Telegram, on the page /pay: what somebody who signed in by their wallet may do. There is nothing else
 * that such a session opens, and nothing here that takes money out.
 */
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { WalletProof } from "@starai/protocol/wallet";
import type { AppContext } from "../context.ts";
import { chainOverview, networkOf } from "../payouts/chain-overview.ts";
import { endSession } from "../sessions/end-sessions.ts";
import { makeNonce } from "../wallets/nonces.ts";
import { PaySessions } from "../wallets/pay-sessions.ts";
import { invoiceRoutes } from "./invoices.ts";
import { parsed } from "./parse.ts";
import { bearerOf } from "./require-session.ts";
import type { SessionEnv } from "./require-session.ts";

export function payRoutes(ctx: AppContext) {
  const open = new PaySessions(ctx);
  const mine = createMiddleware<SessionEnv>(async (c, next) => {
    c.set("session", await open.check(bearerOf(c)));
    await next();
  });
  return (
    new Hono()
      // What the page must know to ask for a wallet; null where there is no chain to pay on.
      .get("/api/pay", (c) => {
        const { chain } = ctx.ton;
        return c.json(chain && { network: networkOf(chain), coin: ctx.config.coin }, 200);
      })
      .post("/api/pay/nonces", async (c) => c.json(await makeNonce(ctx, null), 201))
      .post("/api/pay/sessions", parsed("json", WalletProof), async (c) =>
        c.json(await open.open(c.req.valid("json")), 201),
      )
      .delete("/api/pay/sessions", mine, async (c) => {
        await endSession(ctx, c.get("session"), false);
        return c.body(null, 204);
      })
      .get("/api/pay/wallet", mine, async (c) => c.json(await chainOverview(ctx, c.get("session").person.id), 200))
      .route("/api/pay/deposits/invoices", invoiceRoutes(ctx, mine))
  );
}
