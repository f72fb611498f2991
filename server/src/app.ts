/** The HTTP application: every route of the server on one Hono app, and the one place where faults become answers. */
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { AppContext } from "./context.ts";
import { HTTP_STATUS, Refusal, asRefusal } from "./errors.ts";
import { requestLog } from "./events/request-log.ts";
import { errorBody, officialErrorBody, retryAfterOf } from "./gateway/error-body.ts";
import { refuseNewWork } from "./refuse-new-work.ts";
import { apiCors } from "./routes/api-cors.ts";
import { completionRoutes } from "./routes/completions.ts";
import { epochRoutes } from "./routes/epochs.ts";
import { healthRoutes } from "./routes/health.ts";
import { joinRoutes } from "./routes/join.ts";
import { mirrorRoutes } from "./routes/mirrors.ts";
import { miniappRoutes } from "./routes/miniapp.ts";
import { modelRoutes } from "./routes/models.ts";
import { moneyRoutes } from "./routes/money.ts";
import { myClaimRoutes } from "./routes/my-claim.ts";
import { myEscrowRoutes } from "./routes/my-escrow.ts";
import { myMachineRoutes } from "./routes/my-machines.ts";
import { myMoneyRoutes } from "./routes/my-money.ts";
import { myProfileRoutes } from "./routes/my-profile.ts";
import { myRunRoutes } from "./routes/my-runs.ts";
import { myThreadRoutes } from "./routes/my-threads.ts";
import { myWalletRoutes } from "./routes/my-wallet.ts";
import { noticeRoutes } from "./routes/notices.ts";
import { payRoutes } from "./routes/pay.ts";
import { peopleRoutes } from "./routes/people.ts";
import { poolStatusRoutes } from "./routes/pool-status.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/session.ts";
import { sharedRoutes } from "./routes/shared.ts";
import { threadRoutes } from "./routes/threads.ts";
import { updateRoutes } from "./routes/updates.ts";

/**
 * @param originGuard  runs before everything else; the sandbox passes the one that keeps foreign web pages off loopback
 */
export function createApp(ctx: AppContext, originGuard: MiddlewareHandler = (_c, next) => next()) {
  return new Hono()
    .use(requestLog(ctx))
    .use(readableAddress)
    .use("/v1/*", apiCors)
    .use(originGuard)
    .use(
      bodyLimit({
        maxSize: ctx.config.limits.bodyBytesMax,
        onError: () => {
          throw new Refusal(
            "too_large",
            `The request body is over ${ctx.config.limits.bodyBytesMax} bytes; send less.`,
          );
        },
      }),
    )
    .use(refuseNewWork(ctx))
    .route("/", healthRoutes(ctx))
    .route("/", completionRoutes(ctx))
    .route("/", modelRoutes(ctx))
    .route("/", threadRoutes(ctx))
    .route("/", runRoutes(ctx))
    .route("/", peopleRoutes(ctx))
    .route("/", updateRoutes(ctx))
    .route("/", poolStatusRoutes(ctx))
    .route("/", mirrorRoutes(ctx))
    .route("/", noticeRoutes(ctx))
    .route("/", sessionRoutes(ctx))
    .route("/", myProfileRoutes(ctx))
    .route("/", myMoneyRoutes(ctx))
    .route("/", myWalletRoutes(ctx))
    .route("/", payRoutes(ctx))
    .route("/", myEscrowRoutes(ctx))
    .route("/", myMachineRoutes(ctx))
    .route("/", moneyRoutes(ctx))
    .route("/", receiptRoutes(ctx))
    .route("/", epochRoutes(ctx))
    .route("/", myClaimRoutes(ctx))
    .route("/", myThreadRoutes(ctx))
    .route("/", myRunRoutes(ctx))
    .route("/", sharedRoutes(ctx))
    .route("/", joinRoutes(ctx))
    .route("/", miniappRoutes(ctx))
    .onError((error, c) => answerFault(ctx, error, c))
    .notFound((c) => answerFault(ctx, new Refusal("not_found", `There is no ${c.req.method} ${c.req.path} here.`), c));
}

/** A Host such as "xn--" and a target such as "http://user@host/" make an address that throws when first read. */
const readableAddress: MiddlewareHandler = (c, next) => {
  const url = URL.canParse(c.req.url) ? new URL(c.req.url) : null;
  if (url?.username === "" && url.password === "") return next();
  throw new Refusal("invalid_request", "This request has no address that can be read: is its Host header right?");
};

export type App = ReturnType<typeof createApp>;

/** One body for every fault, in the shape OpenAI clients read; `hint`-like advice is part of the message. */
function answerFault(ctx: AppContext, error: unknown, c: Context): Response {
  const refusal = error instanceof HTTPException ? notJson(error) : asRefusal(error);
  ctx.health.noticed(error);
  if (refusal.code === "internal")
    ctx.log.error({ err: error, request: c.res.headers.get("x-request-id") }, "a request failed");
  const retryAfterS = retryAfterOf(refusal);
  if (retryAfterS !== undefined) c.header("Retry-After", String(retryAfterS));
  const body = c.req.path.startsWith("/v1/") ? officialErrorBody(refusal) : errorBody(refusal);
  return new Response(JSON.stringify(body), {
    status: HTTP_STATUS[refusal.code],
    headers: { "content-type": "application/json", ...Object.fromEntries(c.res.headers) },
  });
}

/** Hono's own refusals: so far only its validators', of bodies that are no JSON. */
function notJson(error: HTTPException): Refusal {
  return new Refusal("invalid_request", error.message === "" ? "This request cannot be read." : error.message);
}
