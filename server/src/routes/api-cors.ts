/**
 * CORS for `/v1`: any Origin is allowed, because every call needs the API key and no cookie of ours exists that a
 * foreign page could use.
 */
import { createMiddleware } from "hono/factory";
import { cors } from "hono/cors";

/** Response headers that pages may read. */
const EXPOSED = ["X-Request-Id", "Retry-After", "StarAI-Ignored", "StarAI-Receipt"];
/** Seconds a browser caches a preflight; Chrome caps it at two hours. */
const REMEMBERED_S = 7_200;

const official = cors({
  origin: "*",
  allowMethods: ["GET", "POST", "OPTIONS"],
  exposeHeaders: EXPOSED,
  maxAge: REMEMBERED_S,
});

/** Applies only under `/v1`; runs first, so that pages can read refusals too. */
export const apiCors = createMiddleware(async (c, next) => {
  // Browsers also send this header when a public page calls a server on its visitor's machine or network.
  if (c.req.header("access-control-request-private-network") === "true")
    c.header("Access-Control-Allow-Private-Network", "true");
  return official(c, next);
});
