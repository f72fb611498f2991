import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvents } from "./read-events.ts";
import { ServerRefused, ServerUnreachable, answerOf } from "./server-answer.ts";

function bodyOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

describe("server-sent events", () => {
  test("are read the same however the bytes are cut", async () => {
    const events = fc.array(
      fc.record({ id: fc.stringMatching(/^[a-z0-9.]{1,9}$/), data: fc.string({ unit: "grapheme" }) }),
      {
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(events, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (sent, sizes) => {
        const clean = sent.map(({ id, data }) => ({ id, data: JSON.stringify(data) }));
        const text = clean.map(({ id, data }) => `: beat\n\ndata: ${data}\nid: ${id}\n\n`).join("");
        const bytes = new TextEncoder().encode(text);
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(bytes.slice(at, at + size));
          at += size;
        }
        const read = [];
        for await (const event of readEvents(bodyOf(chunks))) read.push(event);
        expect(read).toEqual(clean);
      }),
    );
  });

  test("cannot grow without end", async () => {
    const endless = bodyOf(
      Array.from({ length: 6 }, () => new TextEncoder().encode(`data: ${"x".repeat(1024 * 1024)}`)),
    );
    await expect(readEvents(endless).next()).rejects.toThrow("an event is longer than");
  });
});

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status }) as never;

describe("a call", () => {
  test("is sent again while the server is away, and answered when it is back", async () => {
    const answers = [
      () => Promise.reject(new TypeError("fetch failed")),
      () => answer(503, {}),
      () => answer(200, { ok: 1 }),
    ];
    expect(await answerOf(async () => answers.shift()?.() as never)).toEqual({ ok: 1 });
    expect(answers).toEqual([]);
  });

  test("is not sent again when the server refused it", async () => {
    let calls = 0;
    const refused = answerOf(async () => {
      calls++;
      return answer(409, { error: { code: "conflict", message: "No." } });
    });
    await expect(refused).rejects.toMatchObject({ status: 409, code: "conflict", message: "No." });
    expect(calls).toBe(1);
  });

  test("fails after its patience, with a message that says what to check", async () => {
    const down = answerOf(() => Promise.reject(new TypeError("fetch failed")), { patienceMs: 0 });
    await expect(down).rejects.toBeInstanceOf(ServerUnreachable);
    await expect(down).rejects.toThrow("STARAI_SERVER_URL");
    await expect(answerOf(async () => answer(502, "proxy"), { patienceMs: 0 })).rejects.toBeInstanceOf(ServerRefused);
  });
});

test("a stream whose reader was aborted before the first byte ends at once", async () => {
  const silent = new ReadableStream<Uint8Array>({});
  expect(await readEvents(silent, AbortSignal.abort()).next()).toEqual({ done: true, value: undefined });
});
