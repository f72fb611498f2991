import { Api } from "grammy";
import type { Update } from "grammy/types";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createServerClient } from "@starai/server/client";
import { Inbox } from "./inbox.ts";
import { poll } from "./poll.ts";
import { Work } from "./work.ts";

const log = pino({ level: "silent" });
const updateOf = (update_id: number) => ({ update_id }) as Update;

/** A fake network for Telegram and the server: records the requests in order, and answers them. */
function wire(answers: Record<string, (body: Record<string, unknown>) => object | null>) {
  const asked: string[] = [];
  const send = async (input: string, init?: RequestInit): Promise<Response> => {
    const name = `${init?.method ?? "GET"} ${new URL(input).pathname}`.replace(/\/bot[^/]+/, "");
    const body = (typeof init?.body === "string" ? JSON.parse(init.body) : {}) as Record<string, unknown>;
    asked.push(name.endsWith("getUpdates") ? `getUpdates ${String(body.offset)}` : name);
    const answer = answers[name]?.(body) ?? null;
    if (answer === null) return new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", reject));
    return Response.json(answer, { status: "error_code" in answer ? 500 : 200 });
  };
  const server = createServerClient({ baseUrl: "http://server", botKey: "k", fetch: send });
  const api = new Api("1:token", { apiRoot: "http://telegram", fetch: send as never });
  return { asked, api, inbox: new Inbox(server, 1) };
}

test("an update is stored before the offset moves past it, and a fault in between repeats it without a second effect", async () => {
  const batches = [[updateOf(5), updateOf(6)], [updateOf(5), updateOf(6)], []];
  let stores = 0;
  const { asked, api, inbox } = wire({
    "GET /api/updates": () => ({ updates: [] }),
    "POST /getUpdates": () => {
      const result = batches.shift();
      return result ? { ok: true, result } : null;
    },
    "POST /api/updates": () => (stores++ === 0 ? { error_code: 1 } : { open: [5, 6] }),
  });
  const seen: number[] = [];
  const runner = poll({ api, inbox, log, handle: async ({ update_id }) => void seen.push(update_id) });
  await expect.poll(() => asked).toContain("getUpdates 7");
  await runner.stop();
  expect(seen).toEqual([5, 6]);
  expect(asked).toContain("getUpdates 0");
  const before = asked.slice(0, asked.indexOf("getUpdates 7"));
  expect(before.filter((name) => name === "POST /api/updates")).toHaveLength(2);
});

test("a webhook set from elsewhere is removed, as at the start, and polling continues; another poller's 409 removes nothing", async () => {
  const conflicts = [
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
  ];
  const { asked, api, inbox } = wire({
    "GET /api/updates": () => ({ updates: [] }),
    "POST /deleteWebhook": () => ({ ok: true, result: true }),
    "POST /getUpdates": ({ offset }) => {
      const description = conflicts.shift();
      if (description !== undefined) return { ok: false, error_code: 409, description };
      return offset === 0 ? { ok: true, result: [updateOf(5)] } : null;
    },
    "POST /api/updates": () => ({ open: [5] }),
  });
  const seen: number[] = [];
  const said: string[] = [];
  const told = pino({ level: "error" }, { write: (line) => void said.push(line) });
  const runner = poll({ api, inbox, log: told, handle: async ({ update_id }) => void seen.push(update_id) });
  await expect.poll(() => seen).toEqual([5]);
  await runner.stop();
  expect(said).toEqual([
    expect.stringContaining("another process polls with this token; stop it"),
    expect.stringContaining("a webhook was set for this token from elsewhere; it is removed"),
  ]);
  expect(asked.filter((name) => name.endsWith("Webhook"))).toHaveLength(1);
  expect(
    asked.slice(
      0,
      asked.findIndex((name) => name.endsWith("Webhook")),
    ),
  ).toEqual(expect.arrayContaining(["getUpdates 0", "getUpdates 0"]));
});

test("when Telegram has nothing new, the server is not asked to store anything", async () => {
  const fetched: Update[][] = [[], []];
  const { asked, api, inbox } = wire({
    "GET /api/updates": () => ({ updates: [] }),
    "POST /getUpdates": () => {
      const result = fetched.shift();
      return result ? { ok: true, result } : null;
    },
    "POST /api/updates": () => ({ open: [] }),
  });
  const runner = poll({ api, inbox, log, handle: async () => undefined });
  await expect.poll(() => asked.filter((name) => name === "getUpdates 0")).toHaveLength(3);
  await runner.stop();
  expect(asked).not.toContain("POST /api/updates");
});

test("Telegram is not polled again before its retry_after is over", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  let refusals = 1;
  const { asked, api, inbox } = wire({
    "GET /api/updates": () => ({ updates: [] }),
    "POST /getUpdates": () =>
      refusals-- > 0
        ? { ok: false, error_code: 429, description: "Too Many Requests", parameters: { retry_after: 40 } }
        : null,
  });
  const runner = poll({ api, inbox, log, handle: async () => undefined });
  const fetches = () => asked.filter((name) => name.startsWith("getUpdates")).length;
  await vi.advanceTimersByTimeAsync(39_000);
  expect(fetches()).toBe(1);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(fetches()).toBe(2);
  await runner.stop();
});

test("while Telegram fails, polling is retried with growing pauses and never given up", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { asked, api, inbox } = wire({
    "GET /api/updates": () => ({ updates: [] }),
    "POST /getUpdates": () => ({ ok: false, error_code: 500, description: "Internal Server Error" }),
  });
  const runner = poll({ api, inbox, log, handle: async () => undefined });
  const fetches = () => asked.filter((name) => name.startsWith("getUpdates")).length;
  await vi.advanceTimersByTimeAsync(8_000);
  expect(fetches()).toBeGreaterThanOrEqual(3);
  const early = fetches();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(fetches() - early).toBeGreaterThanOrEqual(30);
  expect(fetches() - early).toBeLessThanOrEqual(100);
  await runner.stop();
});

test("updates that an earlier process left unhandled come first, in order, and once", async () => {
  const left = [{ updates: [{ update_id: 1 }, { update_id: 2 }] }, { updates: [{ update_id: 4 }] }, { updates: [] }];
  const fetched = [[updateOf(4), updateOf(5)]];
  const { api, inbox } = wire({
    "GET /api/updates": () => left.shift() ?? { updates: [] },
    "POST /getUpdates": () => {
      const result = fetched.shift();
      return result ? { ok: true, result } : null;
    },
    "POST /api/updates": () => ({ open: [4, 5] }),
  });
  const seen: number[] = [];
  const runner = poll({ api, inbox, log, handle: async ({ update_id }) => void seen.push(update_id) });
  await expect.poll(() => seen).toEqual([1, 2, 4, 5]);
  await runner.stop();
});

test("work reports when it has no room, and when it has room again", async () => {
  const open: (() => void)[] = [];
  const work = new Work(() => new Promise((resolve) => open.push(resolve)));
  for (let id = 0; id < 1_000; id++) void work.on(updateOf(id));
  expect(work.isFull).toBe(true);
  const room = work.room();
  open[0]?.();
  await room;
  expect(work.isFull).toBe(false);
  for (const finish of open) finish();
  await work.done();
});
