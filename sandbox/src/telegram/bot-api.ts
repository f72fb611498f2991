/** The Bot API routes `/bot<token>/<method>` and `/file/bot<token>/<path>`, as api.telegram.org serves them. */
import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import type { Context } from "hono";
import { callMethod } from "./call-method.ts";
import type { RawParameters } from "./parameters.ts";
import { TelegramError } from "./telegram-error.ts";
import type { Telegram } from "./telegram.ts";

/** Telegram takes uploads of 50 MB; the rest of a request is small. */
const BODY_BYTES_MAX = 52 * 1024 * 1024;

export function botApi(telegram: Telegram): Hono {
  const routes = new Hono();
  routes.all("/:bot{bot[^/]+}/:method", async (c) => {
    if (!tokenMatches(telegram, c.req.param("bot"))) return refuse(c, new TelegramError(401, "Unauthorized"));
    let input: { raw: RawParameters; uploads: Map<string, File> };
    try {
      input = await readParameters(c);
    } catch (error) {
      return refuse(
        c,
        error instanceof TelegramError ? error : TelegramError.badRequest("can't parse the request's body"),
      );
    }
    const answer = await callMethod(telegram, c.req.param("method"), { ...input, signal: c.req.raw.signal });
    if (answer.kind === "drop") return cut(c);
    return c.json(answer.body, answer.status as 200);
  });
  routes.get("/file/:bot{bot[^/]+}/files/:id", (c) => {
    if (!tokenMatches(telegram, c.req.param("bot"))) return refuse(c, new TelegramError(401, "Unauthorized"));
    const file = telegram.world.files.get(c.req.param("id"));
    const bytes = file && telegram.files.read(file);
    if (!bytes) return refuse(c, new TelegramError(404, "Not Found"));
    return c.body(new Uint8Array(bytes), 200, {
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
    });
  });
  return routes;
}

async function readParameters(c: Context): Promise<{ raw: RawParameters; uploads: Map<string, File> }> {
  const raw: RawParameters = { ...c.req.query() };
  const uploads = new Map<string, File>();
  const type = c.req.header("content-type") ?? "";
  if (Number(c.req.header("content-length") ?? 0) > BODY_BYTES_MAX)
    throw new TelegramError(413, "Request Entity Too Large");
  if (c.req.method !== "POST") return { raw, uploads };
  if (type.startsWith("application/json")) {
    const text = await c.req.text();
    const body: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof body !== "object" || body === null || Array.isArray(body))
      throw TelegramError.badRequest("object expected as JSON body");
    for (const [key, value] of Object.entries(body)) if (value !== null) raw[key] = value;
  } else if (/^(multipart\/form-data|application\/x-www-form-urlencoded)/.test(type)) {
    for (const [key, value] of (await c.req.formData()).entries()) {
      if (typeof value === "string") raw[key] = value;
      else uploads.set(key, value);
    }
  }
  return { raw, uploads };
}

function tokenMatches(telegram: Telegram, segment: string): boolean {
  const given = Buffer.from(segment.slice("bot".length));
  const token = Buffer.from(telegram.token);
  return given.length === token.length && timingSafeEqual(given, token);
}

function refuse(c: Context, error: TelegramError): Response {
  return c.json(error.body(), error.code as 400);
}

/** Closes the connection without an answer; answers 502 in process, where there is no connection. */
function cut(c: Context): Response {
  const { outgoing } = (c.env ?? {}) as { outgoing?: { destroy(): void } };
  outgoing?.destroy();
  return c.body(null, 502);
}
