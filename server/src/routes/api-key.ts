/** Access to `/v1`: requests with an active API key. */
import { createMiddleware } from "hono/factory";
import type { AppContext } from "../context.ts";
import { Refusal } from "../errors.ts";
import type { ApiKey } from "../gateway/api-keys.ts";

/** Refuses requests without a valid `Authorization: Bearer <key>`; the response does not reveal the reason. */
export function requireApiKey(ctx: AppContext) {
  return createMiddleware<{ Variables: { apiKey: ApiKey } }>(async (c, next) => {
    const bearer = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    const apiKey = await ctx.apiKeys.verify(bearer);
    if (apiKey === null) {
      c.header("WWW-Authenticate", "Bearer");
      throw new Refusal(
        "unauthorised",
        "The API key is missing or not valid: send `Authorization: Bearer <your key>`.",
      );
    }
    c.set("apiKey", apiKey);
    await next();
  });
}
