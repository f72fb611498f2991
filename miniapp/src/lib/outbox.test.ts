import { ServerRefused } from "@starai/server/client";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { WAITING_MAX, openOutbox } from "./outbox.ts";
import type { Entry } from "./outbox.ts";

/** An outbox and a fake server that accepts each external id once; `faults` are the outcomes of its requests, in order. */
function outboxWithServer(faults: ("lost" | "answer lost" | "refused" | "good")[] = []) {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const server: { received: string[]; ids: Set<string> } = { received: [], ids: new Set() };
  const send = async ({ externalId, sending }: Entry) => {
    const fault = faults.shift() ?? "good";
    if (fault === "lost") throw new TypeError("failed to fetch");
    if (fault === "refused") throw new ServerRefused(429, "queue_full", "Wait.");
    if (!server.ids.has(externalId)) server.received.push(sending.kind === "message" ? sending.text : "again");
    server.ids.add(externalId);
    if (fault === "answer lost") throw new TypeError("failed to fetch");
    return { answer: externalId };
  };
  const open = () => openOutbox({ storage, person: "7", send, onDelivered: async () => undefined });
  return { server, open };
}

const message = (text: string) => ({ kind: "message" as const, text });
const fault = fc.constantFrom("lost" as const, "answer lost" as const, "good" as const);

describe("the outbox", () => {
  test("sends everything once and in order, across lost requests and reloads of the app", async () => {
    vi.useFakeTimers();
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), async (faults, count) => {
        const { server, open } = outboxWithServer(faults);
        const texts = Array.from({ length: count }, (_, at) => `m${at}`);
        const first = open();
        for (const text of texts) first.add("t", message(text));
        await vi.advanceTimersByTimeAsync(2_000);
        const reloaded = open();
        reloaded.wake();
        await vi.advanceTimersByTimeAsync(600_000);
        expect(server.received).toEqual(texts);
        expect(reloaded.entries()).toEqual([]);
      }),
      { numRuns: 50 },
    );
    vi.useRealTimers();
  });

  test("keeps a refused message with the reason, and sends the others", async () => {
    const { server, open } = outboxWithServer(["refused"]);
    const outbox = open();
    outbox.add("t", message("no"));
    outbox.add("t", message("yes"));
    await vi.waitFor(() => expect(server.received).toEqual(["yes"]));
    const [refused] = outbox.entries();
    expect(refused?.refusal).toEqual({ code: "queue_full", message: "Wait." });
    outbox.retry(refused?.externalId ?? "");
    await vi.waitFor(() => expect(server.received).toEqual(["yes", "no"]));
    await vi.waitFor(() => expect(outbox.entries()).toEqual([]));
  });

  test("does not send a refused message that was discarded", async () => {
    const { server, open } = outboxWithServer(["refused"]);
    const outbox = open();
    outbox.add("t", message("no"));
    await vi.waitFor(() => expect(outbox.entries()[0]?.refusal).not.toBeNull());
    outbox.discard(outbox.entries()[0]?.externalId ?? "");
    outbox.wake();
    expect(open().entries()).toEqual([]);
    expect(server.received).toEqual([]);
  });

  test("cannot grow without limit", () => {
    const { open } = outboxWithServer(Array.from({ length: 99 }, () => "lost" as const));
    const outbox = open();
    const added = Array.from({ length: WAITING_MAX + 3 }, (_, at) => outbox.add("t", message(`m${at}`)));
    expect(added.filter(Boolean)).toHaveLength(WAITING_MAX);
    expect(outbox.entries()).toHaveLength(WAITING_MAX);
  });
});
