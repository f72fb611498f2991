/**
 * Delivers updates to the bot's webhook in order of their ids, several at once as the bot allows. A 2xx response
 * confirms an update; otherwise delivery is retried with growing pauses. A response may contain one method call.
 */
import type { Update, WebhookInfo } from "@grammyjs/types";
import type { Webhook, World } from "./world.ts";
import type { UpdateQueue } from "./update-queue.ts";

const ANSWER_TIMEOUT_MS = 60_000;
const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 30_000;

export interface WebhookReply {
  readonly method: string;
  readonly parameters: Record<string, unknown>;
}

export class WebhookSender {
  readonly #world: World;
  readonly #updates: UpdateQueue;
  readonly #clock: () => number;
  readonly #reply: (reply: WebhookReply) => Promise<void>;
  readonly #inFlight = new Set<number>();
  readonly #closing = new AbortController();
  readonly #unlisten: () => void;
  #failures = 0;
  #pauseUntil = 0;
  #lastError: Pick<WebhookInfo, "last_error_date" | "last_error_message"> = {};

  constructor(
    parts: { world: World; updates: UpdateQueue; clock: () => number },
    reply: (reply: WebhookReply) => Promise<void>,
  ) {
    this.#world = parts.world;
    this.#updates = parts.updates;
    this.#clock = parts.clock;
    this.#reply = reply;
    this.#unlisten = parts.updates.onUpdate(() => this.wake());
  }

  /** Starts the deliveries that are due now. */
  wake(): void {
    const { webhook } = this.#world;
    if (!webhook || this.#closing.signal.aborted || this.#clock() < this.#pauseUntil) return;
    for (const update of this.#world.pending.values()) {
      if (this.#inFlight.size >= webhook.maxConnections) return;
      if (this.#inFlight.has(update.update_id)) continue;
      this.#inFlight.add(update.update_id);
      void this.#deliver(webhook, update);
    }
  }

  lastError(): Pick<WebhookInfo, "last_error_date" | "last_error_message"> {
    return this.#lastError;
  }

  close(): void {
    this.#unlisten();
    this.#closing.abort();
  }

  async #deliver(webhook: Webhook, update: Update): Promise<void> {
    try {
      const answer = await this.#post(webhook, update);
      this.#updates.confirm(update.update_id);
      this.#failures = 0;
      if (answer) await this.#reply(answer);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    } finally {
      this.#inFlight.delete(update.update_id);
    }
    this.wake();
  }

  /** Returns the method call in the response, if any. @throws when the bot does not answer 2xx */
  async #post(webhook: Webhook, update: Update): Promise<WebhookReply | null> {
    const response = await fetch(webhook.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(webhook.secret === null ? {} : { "x-telegram-bot-api-secret-token": webhook.secret }),
      },
      body: JSON.stringify(update),
      redirect: "error",
      signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Wrong response from the webhook: ${response.status} ${response.statusText}`);
    return readReply(text);
  }

  #failed(message: string): void {
    if (this.#closing.signal.aborted) return;
    this.#lastError = { last_error_date: Math.floor(this.#clock() / 1_000), last_error_message: message };
    const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** this.#failures++);
    this.#pauseUntil = this.#clock() + pauseMs;
    setTimeout(() => this.wake(), pauseMs + 1).unref();
  }
}

function readReply(text: string): WebhookReply | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof body !== "object" || body === null || !("method" in body) || typeof body.method !== "string") return null;
  const { method, ...parameters } = body;
  return { method, parameters };
}
