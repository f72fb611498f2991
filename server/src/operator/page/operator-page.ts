/**
 * The operator's page: machines, epochs, money, slash proposals and notes to answer. It changes nothing. Whoever has the
 * key of the settings logs in with it and gets a cookie that no script reads and no other page sends.
 */
import { Hono } from "hono";
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { AppContext } from "../../context.ts";
import { originOf, remoteAddress } from "../../pool/origin-of.ts";
import { readBalances, readEpochs, readOpenAppeals, readSlashProposals, readWorkers } from "./facts.ts";
import { STYLE, loginHtml, operatorHtml } from "./html.ts";
import type { PageFacts } from "./html.ts";
import { Logins } from "./logins.ts";
import { TreasuryBoard } from "./treasury-board.ts";

const COOKIE = "starai-operator";
const BODY_BYTES_MAX = 4_096;

type Parts = Pick<AppContext, "clock" | "config" | "db" | "log" | "monotonic" | "pg" | "registry" | "ton">;

interface Served {
  Bindings: Pick<HttpBindings, "incoming">;
}

export function operatorPage(ctx: Parts, key: string) {
  const logins = new Logins(key);
  const treasury = new TreasuryBoard(ctx);
  const isIn = (c: Context) => logins.isIn(getCookie(c, COOKIE), ctx.monotonic());
  const networkOf = (c: Context<Served>) =>
    originOf(remoteAddress(c.env.incoming, ctx.config.http.behindProxy)).network;
  return new Hono<Served>()
    .use(closedHeaders)
    .use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: (c) => c.text("This is larger than any key.", 413) }))
    .get("/style.css", (c) => c.body(STYLE, 200, { "content-type": "text/css; charset=utf-8" }))
    .get("/", async (c) =>
      isIn(c) ? c.html(operatorHtml(await readFacts(ctx, treasury))) : c.html(loginHtml(null), 401),
    )
    .post("/login", async (c) => {
      const { key: typed } = await c.req.parseBody();
      const found = logins.logIn(typeof typed === "string" ? typed : "", {
        from: networkOf(c),
        now: ctx.monotonic(),
      });
      if (found === "locked")
        return c.html(
          loginHtml("Too many wrong keys came, from your network or from everywhere. Wait ten minutes."),
          429,
        );
      if (found === "wrong") {
        ctx.log.warn("a wrong key was sent to the operator's page");
        return c.html(loginHtml("This is not the key: it is STARAI_OPERATOR_KEY of the server's settings."), 401);
      }
      setCookie(c, COOKIE, found.token, { httpOnly: true, sameSite: "Strict", path: "/" });
      return c.redirect("/", 303);
    })
    .post("/logout", (c) => {
      logins.logOut(getCookie(c, COOKIE));
      deleteCookie(c, COOKIE, { path: "/" });
      return c.redirect("/", 303);
    })
    .notFound((c) => c.text("There is nothing here.", 404))
    .onError((error, c) => {
      ctx.log.error({ err: error }, "the operator's page could not be shown");
      return c.text("The page could not be made: the server's log says why. Nothing was changed.", 500);
    });
}

const closedHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  c.header(
    "content-security-policy",
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
  c.header("cache-control", "no-store");
  c.header("referrer-policy", "no-referrer");
  c.header("x-content-type-options", "nosniff");
};

async function readFacts({ clock, config, db, pg, registry }: Parts, board: TreasuryBoard): Promise<PageFacts> {
  const [workers, epochs, treasury, balances, slashes, appeals] = await Promise.all([
    readWorkers(db),
    readEpochs(db),
    board.view(),
    readBalances(pg),
    readSlashProposals(db),
    readOpenAppeals(db),
  ]);
  const online = new Set(registry.connectedWorkers().map(({ id }) => id));
  return { coin: config.coin, now: new Date(clock()), online, workers, epochs, treasury, balances, slashes, appeals };
}
