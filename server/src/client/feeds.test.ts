import { afterEach, describe, expect, test, vi } from "vitest";
import { followChanges } from "./follow-changes.ts";
import { followRun } from "./follow-run.ts";
import { ServerRefused, answerOf } from "./server-answer.ts";

/** A server that gives each connection the next of these: an answer, or a connection that fails. */
function feedOf(...answers: (() => Response)[]) {
  const send = async () => {
    send.calls++;
    const next = answers.shift();
    if (!next) throw new TypeError("fetch failed");
    return next();
  };
  send.calls = 0;
  return { feed: { url: "http://server/feed", headers: () => ({}), send }, asked: () => send.calls };
}

const event = (data: string) => new TextEncoder().encode(`data: ${data}\n\n`);
const streamOf = (...events: string[]) => new Response(events.map((data) => `data: ${data}\n\n`).join(""));
/** Sends these and then breaks the connection, as fetch reports it. */
const brokenAfter = (data: string) => {
  let said = false;
  const pull = (body: ReadableStreamDefaultController<Uint8Array>) => {
    if (said) body.error(new TypeError("terminated"));
    else body.enqueue(event(data));
    said = true;
  };
  return new Response(new ReadableStream({ pull }));
};

async function take(feed: AsyncIterable<unknown>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const each of feed) if (taken.push(each) === count) break;
  return taken;
}

/** Makes every pause end at once, and collects their intended lengths. */
function recordPauses(): number[] {
  const pauses: number[] = [];
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((done: () => void, ms: number) => {
    pauses.push(ms);
    queueMicrotask(done);
  }) as never);
  return pauses;
}

const lost = () => brokenAfter('{"type":"all"}');

function refuse(): never {
  throw new RangeError("no such event");
}

afterEach(() => void vi.restoreAllMocks());

describe("a feed of hints", () => {
  test("resumes after a connection that failed, one that broke, and a server that restarts", async () => {
    recordPauses();
    const hint = '{"type":"all"}';
    const { feed, asked } = feedOf(
      () => brokenAfter(hint),
      () => new Response("", { status: 503 }),
      () => {
        throw new TypeError("fetch failed");
      },
      () => streamOf(hint),
    );
    expect(await take(followChanges(feed), 2)).toEqual([{ type: "all" }, { type: "all" }]);
    expect(asked()).toBe(4);
  });

  test("cannot hide a fault that is no outage: a hint that does not parse is thrown", async () => {
    const { feed, asked } = feedOf(() => streamOf("{nonsense"));
    await expect(take(followChanges(feed), 1)).rejects.toBeInstanceOf(SyntaxError);
    expect(asked()).toBe(1);
  });

  test("ends when a sender that renews its token is refused", async () => {
    const { feed, asked } = feedOf(() => {
      throw new ServerRefused(401, "signed_out", "You are signed out.");
    });
    await expect(take(followChanges(feed), 1)).rejects.toMatchObject({ code: "signed_out" });
    expect(asked()).toBe(1);
  });
});

test("an event of a run that does not parse throws at once, and does not count as an outage", async () => {
  const { feed, asked } = feedOf(() => streamOf('{"type":"unheard"}'));
  await expect(take(followRun({ ...feed, parse: refuse }), 1)).rejects.toBeInstanceOf(RangeError);
  expect(asked()).toBe(1);
});

describe("clients that lose one server in the same moment", () => {
  const many = Array.from({ length: 12 }, (_, one) => one);

  test.each([
    ["feeds of hints", () => take(followChanges(feedOf(lost, lost).feed), 2), 500],
    [
      "readers of runs",
      () => take(followRun({ ...feedOf(lost, lost).feed, parse: (value) => value as never }), 2),
      200,
    ],
    [
      "callers",
      () => {
        const answers = [Promise.reject(new TypeError("fetch failed")), Promise.resolve(Response.json({}))];
        return answerOf(() => answers.shift() as never);
      },
      200,
    ],
  ])("do not come back in the same moment: %s", async (_who, come, wholeMs) => {
    const pauses = recordPauses();
    await Promise.all(many.map(come));
    expect(pauses).toHaveLength(many.length);
    expect(new Set(pauses).size).toBeGreaterThan(many.length / 2);
    for (const ms of pauses) expect(ms).toSatisfy((wait: number) => wait >= wholeMs / 2 && wait <= wholeMs);
  });
});
