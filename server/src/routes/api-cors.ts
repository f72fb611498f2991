/**
 * `/v1` for pages and apps with an Origin of their own. Its key is its fence: whoever has it may call from anywhere, and
 * no cookie of ours exists that a foreign page could use.
 */
import { createMiddleware } from "hono/factory";
import { cors } from "hono/cors";

/** What may be read of an answer beside its body. */
const EXPOSED = ["X-Request-Id", "Retry-After", "StarAI-Ignored"];
/** A browser asks again after this many seconds; Chrome itself forgets after two hours. */
const REMEMBERED_S = 7_200;

const official = cors({
  origin: "*",
  allowMethods: ["GET", "POST", "OPTIONS"],
  exposeHeaders: EXPOSED,
  maxAge: REMEMBERED_S,
});

/** Under `/v1` alone; it runs first, so that refusals can be read too. */
export const apiCors = createMiddleware(async (c, next) => {
  // A page on the internet that calls a server on its visitor's machine or network asks for this as well.
  if (c.req.header("access-control-request-private-network") === "true")
    c.header("Access-Control-Allow-Private-Network", "true");
  return official(c, next);
});
