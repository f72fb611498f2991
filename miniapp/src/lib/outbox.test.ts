import { ServerRefused } from "@starai/server/client";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { WAITING_MAX, openOutbox } from "./outbox.ts";
import type { Entry } from "./outbox.ts";

/** A server that takes each external id once, over a network that loses requests and answers as told. */
function world(faults: ("lost" | "answer lost" | "refused" | "good")[] = []) {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const server: { took: string[]; ids: Set<string> } = { took: [], ids: new Set() };
  const send = async ({ externalId, sending }: Entry) => {
    const fault = faults.shift() ?? "good";
    if (fault === "lost") throw new TypeError("failed to fetch");
    if (fault === "refused") throw new ServerRefused(429, "queue_full", "Wait.");
    if (!server.ids.has(externalId)) server.took.push(sending.kind === "message" ? sending.text : "again");
    server.ids.add(externalId);
    if (fault === "answer lost") throw new TypeError("failed to fetch");
    return { answer: externalId };
  };
  const open = () => openOutbox({ storage, person: "7", send, taken: async () => undefined });
  return { server, open };
}

const message = (text: string) => ({ kind: "message" as const, text });
const fault = fc.constantFrom("lost" as const, "answer lost" as const, "good" as const);

describe("the outbox", () => {
  test("sends everything once and in order, whatever the network loses and however often the app is opened anew", async () => {
    vi.useFakeTimers();
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), async (faults, count) => {
        const { server, open } = world(faults);
        const texts = Array.from({ length: count }, (_, at) => `m${at}`);
        const first = open();
        for (const text of texts) first.add("t", message(text));
        await vi.advanceTimersByTimeAsync(2_000);
        const reloaded = open();
        reloaded.wake();
        await vi.advanceTimersByTimeAsync(600_000);
        expect(server.took).toEqual(texts);
        expect(reloaded.entries()).toEqual([]);
      }),
      { numRuns: 50 },
    );
    vi.useRealTimers();
  });

  test("keeps what the server refused, with the reason, and lets the rest go on", async () => {
    const { server, open } = world(["refused"]);
    const outbox = open();
    outbox.add("t", message("no"));
    outbox.add("t", message("yes"));
    await vi.waitFor(() => expect(server.took).toEqual(["yes"]));
    const [refused] = outbox.entries();
    expect(refused?.refusal).toEqual({ code: "queue_full", message: "Wait." });
    outbox.retry(refused?.externalId ?? "");
    await vi.waitFor(() => expect(server.took).toEqual(["yes", "no"]));
    await vi.waitFor(() => expect(outbox.entries()).toEqual([]));
  });

  test("a refused one can be dropped, and is not sent after that", async () => {
    const { server, open } = world(["refused"]);
    const outbox = open();
    outbox.add("t", message("no"));
    await vi.waitFor(() => expect(outbox.entries()[0]?.refusal).not.toBeNull());
    outbox.discard(outbox.entries()[0]?.externalId ?? "");
    outbox.wake();
    expect(open().entries()).toEqual([]);
    expect(server.took).toEqual([]);
  });

  test("cannot grow without end", () => {
    const { open } = world(Array.from({ length: 99 }, () => "lost" as const));
    const outbox = open();
    const taken = Array.from({ length: WAITING_MAX + 3 }, (_, at) => outbox.add("t", message(`m${at}`)));
    expect(taken.filter(Boolean)).toHaveLength(WAITING_MAX);
    expect(outbox.entries()).toHaveLength(WAITING_MAX);
  });
});
