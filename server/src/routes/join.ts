/** How a stranger's machine joins with one command: a script, and the archive of the worker that it fetches. */
import { Hono } from "hono";
import type { Context } from "hono";
import type { AppContext } from "../context.ts";
import { Refusal } from "../errors.ts";
import { joinScript, poolOriginOf } from "../join/join-script.ts";
import type { ScriptName } from "../join/join-script.ts";
import { CHECKOUT, WorkerArchive } from "../join/worker-archive.ts";
import type { Archive } from "../join/worker-archive.ts";

const FOR_EVER = "public, max-age=31536000, immutable";

/** @param root  the checkout that is handed out; this server's own */
export function joinRoutes(ctx: Pick<AppContext, "config" | "log">, root = CHECKOUT) {
  const worker = new WorkerArchive(root);
  const archived = () => worker.get().catch((error: unknown) => refuse(ctx, error));
  const script = (name: ScriptName, type: string) => async (c: Context) => {
    const { publicOrigin, behindProxy } = ctx.config.http;
    // Whether the proxy speaks https is not known here: a script that came by it would send its machine to plain http.
    if (behindProxy && publicOrigin === null)
      throw new Refusal(
        "not_configured",
        "This pool does not know its own address yet: its operator has to set STARAI_PUBLIC_ORIGIN. Join from a copy of StarAI's code instead.",
      );
    const origin = poolOriginOf(publicOrigin ?? c.req.url);
    if (origin === null)
      throw new Refusal("invalid_request", "The Host header names no pool: ask for /join at the pool's own address.");
    return c.body(await joinScript(name, origin, await archived()), 200, {
      "content-type": `${type}; charset=utf-8`,
      "x-content-type-options": "nosniff",
      // It names what this very server hands out, at the address it was asked at.
      "cache-control": "no-store",
    });
  };
  return new Hono()
    .get("/join", script("join.sh", "text/x-shellscript"))
    .get("/join.ps1", script("join.ps1", "text/plain"))
    .get("/join/:archive", async (c) => {
      const archive = await archived();
      if (c.req.param("archive") !== archive.name)
        throw new Refusal("not_found", "This version is not handed out here any more: run the command of /join again.");
      return download(c, archive);
    });
}

/** Downloads are not counted: all of them share the same bytes, and a bound on them would let a few slow ones lock out the rest. */
function download(c: Context, { sha256, bytes }: Archive): Response {
  const headers = { etag: `"${sha256}"`, "cache-control": FOR_EVER, "x-content-type-options": "nosniff" };
  if (c.req.header("if-none-match") === headers.etag) return c.body(null, 304, headers);
  return c.body(bytes, 200, {
    ...headers,
    "content-type": "application/x-tar",
    "content-length": String(bytes.length),
  });
}

function refuse({ log }: Pick<AppContext, "log">, error: unknown): never {
  log.error({ err: error }, "the worker cannot be handed out");
  throw new Refusal(
    "not_configured",
    "This pool cannot hand out its worker: its log says why. Join from a copy of StarAI's code instead.",
    { cause: error },
  );
}
