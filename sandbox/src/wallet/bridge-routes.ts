/** The bridge over HTTP, as @tonconnect/sdk 3.4.1 speaks to it. Must be mounted behind the origin guard. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { TTL_S_MAX } from "./bridge.ts";
import type { Bridge, BridgeMessage } from "./bridge.ts";

/** A transaction with a contract's code takes a few kilobytes. */
const MESSAGE_BYTES_MAX = 128 * 1024;
/** Clients that one stream may follow. */
const FOLLOWED_MAX = 10;
/** Under the idle limits of browsers and proxies. */
const HEARTBEAT_MS = 10_000;

const ClientId = z.string().regex(/^[0-9a-f]{64}$/, "client_id is 64 hex digits");
const Follow = z.object({
  client_id: z
    .string()
    .transform((ids) => ids.split(","))
    .pipe(z.array(ClientId).min(1).max(FOLLOWED_MAX)),
  last_event_id: z.coerce.number().int().nonnegative().catch(0),
});
const Send = z.object({
  client_id: ClientId,
  to: ClientId,
  ttl: z.coerce.number().int().min(1).max(TTL_S_MAX),
});
const Encrypted = z.base64().min(1);

export interface Delivery {
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

/** `deliver` takes a message for the wallet itself: false when it is for somebody else. */
export function bridgeRoutes(bridge: Bridge, deliver: (delivery: Delivery) => boolean): Hono {
  return new Hono()
    .use(bodyLimit({ maxSize: MESSAGE_BYTES_MAX, onError: (c) => c.json(fault("the message is too long"), 413) }))
    .get("/events", (c) => {
      const wanted = Follow.safeParse(c.req.query());
      if (!wanted.success) return c.json(fault(wanted.error.issues[0]!.message), 400);
      const { client_id: clients, last_event_id: after } = wanted.data;
      return streamSSE(c, async (stream) => {
        const write = ({ id, from, message }: BridgeMessage) =>
          void stream.writeSSE({ id: String(id), event: "message", data: JSON.stringify({ from, message }) });
        const ends = clients.map((client) => bridge.listen(client, after, write));
        stream.onAbort(() => ends.forEach((end) => end?.()));
        // A client that is one too many gets a stream that ends.
        if (ends.includes(null)) stream.abort();
        while (!stream.aborted) {
          await stream.writeSSE({ event: "heartbeat", data: "heartbeat" });
          await stream.sleep(HEARTBEAT_MS);
        }
      });
    })
    .post("/message", async (c) => {
      const sent = Send.safeParse(c.req.query());
      const message = Encrypted.safeParse(await c.req.text());
      if (!sent.success) return c.json(fault(sent.error.issues[0]!.message), 400);
      if (!message.success) return c.json(fault("the body is the encrypted message in base64"), 400);
      const { client_id: from, to, ttl: ttlS } = sent.data;
      if (!deliver({ from, to, message: message.data }) && !bridge.post(to, { from, message: message.data, ttlS }))
        return c.json(fault("the bridge is full: try again in a few minutes"), 429);
      return c.json({ message: "OK", statusCode: 200 });
    });
}

const fault = (message: string) => ({ message, statusCode: 400 });
