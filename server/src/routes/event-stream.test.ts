import { Hono } from "hono";
import { expect, test } from "vitest";
import { OpenStreams } from "../sessions/open-streams.ts";
import { eventStream } from "./event-stream.ts";

const session = {
  id: "s",
  person: { id: "p", telegramId: 1, name: "Ann" },
  tokenExpiresAt: new Date(Date.now() + 60_000),
};

/** Endless events, and whether their iterator was returned. */
function endless() {
  const events = { returned: false, next: async () => ({ done: false as const, value: { data: "x".repeat(1_000) } }) };
  return Object.assign(events, {
    return: async () => {
      events.returned = true;
      return { done: true as const, value: undefined };
    },
  });
}

test.each(["signed out", "gave way"])("a stream whose reader has stalled is closed when it %s", async (how) => {
  const streams = new OpenStreams();
  const events = endless();
  const app = new Hono().get("/", (c) => eventStream(c, events, streams.open(session, Date.now())));
  const response = await app.request("/");
  expect(response.status).toBe(200);
  if (how === "signed out") streams.signOut(session.id);
  else for (let more = 0; more < 32; more++) streams.open(session, Date.now());
  await expect.poll(() => events.returned).toBe(true);
  expect(streams.count).toBe(how === "signed out" ? 0 : 32);
  // The last event still arrives if the reader goes on.
  const text = await response.text();
  expect(text.includes('data: {"type":"signed_out"}')).toBe(how === "signed out");
});
