import { describe, expect, test } from "vitest";
import { createSession } from "./session.ts";

const HOUR_MS = 3_600_000;

/** A session and a fake server that issues numbered tokens and answers 401 to all but the newest one. */
function sessionWithServer({ refuse = "" } = {}) {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (k: string, v: string) => void kept.set(k, v),
  };
  const server = {
    now: Date.parse("2026-01-01T00:00:00Z"),
    exchanges: [] as unknown[],
    calls: [] as string[],
    refuse,
    good: 0,
  };
  const send = async (input: unknown, init: RequestInit = {}) => {
    if (input === "/api/session") {
      server.exchanges.push(JSON.parse(init.body as string));
      if (server.refuse !== "") return Response.json({ error: { code: server.refuse } }, { status: 401 });
      server.good = server.exchanges.length;
      return Response.json({ token: `t${server.good}`, expiresAt: new Date(server.now + HOUR_MS).toISOString() });
    }
    const token = new Headers(init.headers).get("authorization") ?? "";
    server.calls.push(token);
    return new Response(null, { status: token === `Bearer t${server.good}` ? 200 : 401 });
  };
  const open = (initData: string | null = "signed") => {
    const session = createSession({ initData, send, storage, now: () => server.now });
    /** Sends a request as the client does. */
    const call = async (url: string) =>
      session.fetch(url, { headers: { authorization: `Bearer ${await session.token()}` } });
    return { ...session, call };
  };
  return { server, open };
}

describe("a session", () => {
  test("is opened once, however many calls start at the same time", async () => {
    const { server, open } = sessionWithServer();
    const session = open();
    await Promise.all([session.call("/a"), session.call("/b"), session.call("/c")]);
    expect(server.exchanges).toHaveLength(1);
    expect(server.calls).toEqual(["Bearer t1", "Bearer t1", "Bearer t1"]);
  });

  test("that ended says that everything was deleted, also when it learns of that second, and of nothing else", () => {
    const session = sessionWithServer().open();
    session.end("signed_out");
    session.end("data_deleted");
    session.end("signed_out");
    expect(session.state()).toEqual({ kind: "signed_out", code: "data_deleted" });
    const outside = sessionWithServer().open(null);
    outside.end("data_deleted");
    expect(outside.state()).toEqual({ kind: "outside" });
  });

  test("is renewed before its token ends", async () => {
    const { server, open } = sessionWithServer();
    const session = open();
    await session.call("/a");
    server.now += HOUR_MS - 30_000;
    await session.call("/b");
    expect(server.calls).toEqual(["Bearer t1", "Bearer t2"]);
  });

  test("sends the same device key after a reload, and renews once a token the server does not know", async () => {
    const { server, open } = sessionWithServer();
    await open().call("/a");
    const reloaded = open();
    await reloaded.call("/b");
    const [first, second] = server.exchanges as { device: string }[];
    expect(first?.device).toMatch(/^[\w-]{43}$/);
    expect(second).toEqual(first);
    server.good = 99;
    expect((await reloaded.call("/c")).status).toBe(200);
    expect(server.exchanges).toHaveLength(3);
  });

  test("that is refused ends with the reason, and sends no further requests", async () => {
    const { server, open } = sessionWithServer({ refuse: "session_expired" });
    const session = open();
    await expect(session.call("/a")).rejects.toMatchObject({ code: "session_expired" });
    expect(session.state()).toEqual({ kind: "signed_out", code: "session_expired" });
    await expect(session.call("/b")).rejects.toMatchObject({ code: "session_expired" });
    expect(server.exchanges).toHaveLength(1);
  });

  test("cannot be opened outside Telegram", async () => {
    const { server, open } = sessionWithServer();
    const session = open(null);
    expect(session.state()).toEqual({ kind: "outside" });
    await expect(session.call("/a")).rejects.toMatchObject({ code: "unauthorised" });
    expect(server.exchanges).toEqual([]);
  });
});
