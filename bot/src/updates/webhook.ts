/** Webhook: checks the secret, stores the update and answers 200 at once; the update is handled afterwards. */
import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Update } from "grammy/types";
import { z } from "zod";
import type { Inbox } from "./inbox.ts";

const BODY_BYTES_MAX = 1024 * 1024;
const StoredUpdate = z.looseObject({ update_id: z.int().nonnegative() });

export interface Webhook {
  path: string;
  secret: string;
  inbox: Inbox;
  /** Whether no more updates can be accepted now. */
  isFull: () => boolean;
  /** Starts handling new updates without waiting for the end. */
  accept: (updates: Update[]) => void;
}

/** Anything but 200 makes Telegram send the update again, which is what a failed store needs. */
export function webhookApp({ path, secret, inbox, isFull, accept }: Webhook): Hono {
  const expected = digest(secret);
  const app = new Hono();
  app.post(path, bodyLimit({ maxSize: BODY_BYTES_MAX }), async (c) => {
    const given = digest(c.req.header("x-telegram-bot-api-secret-token") ?? "");
    if (!timingSafeEqual(given, expected)) return c.text("wrong secret token", 401);
    if (isFull()) return c.text("too much at once, send it again", 503);
    const parsed = StoredUpdate.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return c.text("this is no update", 400);
    accept(await inbox.store([parsed.data]));
    return c.text("stored", 200);
  });
  return app;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
