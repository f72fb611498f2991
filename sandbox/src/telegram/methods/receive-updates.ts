/** Both ways to receive updates: long polling and the webhook's settings. */
import { z } from "zod";
import type { WebhookInfo } from "@grammyjs/types";
import { method } from "../method.ts";
import { Flag, Integer, jsonObject, Text } from "../parameters.ts";
import { TelegramError } from "../telegram-error.ts";
import type { Telegram } from "../telegram.ts";
import type { UpdateKind } from "../world.ts";

const AllowedUpdates = z.preprocess(
  (value) => (value === null || value === "null" ? undefined : value),
  jsonObject("allowed_updates", z.array(z.string()))
    .transform((kinds) => kinds as UpdateKind[])
    .optional(),
);

export const receiveUpdates = [
  method(
    "getUpdates",
    z.object({
      offset: Integer.optional(),
      limit: Integer.optional(),
      timeout: Integer.optional(),
      allowed_updates: AllowedUpdates,
    }),
    (telegram, p, { signal }) => {
      const limit = p.limit !== undefined && p.limit >= 1 && p.limit <= 100 ? p.limit : 100;
      return telegram.updates.poll(
        { offset: p.offset ?? 0, limit, timeoutS: p.timeout ?? 0, allowed: p.allowed_updates },
        signal,
      );
    },
  ),

  method(
    "setWebhook",
    z.object({
      url: Text.default(""),
      secret_token: z
        .string()
        .regex(/^[\w-]{1,256}$/, { error: "secret token contains unallowed characters" })
        .optional(),
      max_connections: Integer.optional(),
      allowed_updates: AllowedUpdates,
      drop_pending_updates: Flag.optional(),
    }),
    (telegram, p) => {
      if (p.drop_pending_updates) telegram.updates.forgetAll();
      telegram.updates.subscribe(p.allowed_updates);
      if (p.url === "") return removeWebhook(telegram);
      checkWebhookUrl(p.url);
      const maxConnections = Math.min(100, Math.max(1, p.max_connections ?? 40));
      telegram.commit({ kind: "webhook", webhook: { url: p.url, secret: p.secret_token ?? null, maxConnections } });
      telegram.updates.yieldToWebhook();
      telegram.webhooks.wake();
      return true;
    },
  ),

  method("deleteWebhook", z.object({ drop_pending_updates: Flag.optional() }), (telegram, p) => {
    if (p.drop_pending_updates) telegram.updates.forgetAll();
    return removeWebhook(telegram);
  }),

  method("getWebhookInfo", z.object({}), (telegram): WebhookInfo => {
    const { webhook, pending, allowedUpdates } = telegram.world;
    return {
      url: webhook?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: pending.size,
      ...(webhook ? { max_connections: webhook.maxConnections, ip_address: "127.0.0.1" } : {}),
      ...(allowedUpdates ? { allowed_updates: allowedUpdates } : {}),
      ...telegram.webhooks.lastError(),
    };
  }),
];

function removeWebhook(telegram: Telegram): true {
  if (telegram.world.webhook) telegram.commit({ kind: "webhook", webhook: null });
  return true;
}

function checkWebhookUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const local = parsed !== null && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(parsed.hostname);
  if (!parsed || (parsed.protocol !== "https:" && !local))
    throw TelegramError.badRequest("bad webhook: An HTTPS URL must be provided for webhook");
}
