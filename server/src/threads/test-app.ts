/** TEMP until createApp's other routes exist. */
import { Hono } from "hono";
import type { AppContext } from "../context.ts";
import { HTTP_STATUS, asRefusal } from "../errors.ts";
import { peopleRoutes } from "../routes/people.ts";
import { poolStatusRoutes } from "../routes/pool-status.ts";
import { runRoutes } from "../routes/runs.ts";
import { threadRoutes } from "../routes/threads.ts";
import { updateRoutes } from "../routes/updates.ts";

export function createThreadsApp(ctx: AppContext) {
  return new Hono()
    .route("/", threadRoutes(ctx))
    .route("/", runRoutes(ctx))
    .route("/", peopleRoutes(ctx))
    .route("/", updateRoutes(ctx))
    .route("/", poolStatusRoutes(ctx))
    .onError((error, c) => {
      const refusal = asRefusal(error);
      if (refusal.code === "internal") console.error(error);
      return c.json(
        { error: { message: refusal.message, code: refusal.code, param: refusal.param ?? null } },
        HTTP_STATUS[refusal.code] as 400,
      );
    });
}
