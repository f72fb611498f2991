import { expect, test } from "vitest";
import { openPaySession } from "./pay-session.ts";

const NOW = Date.UTC(2026, 10, 29, 12);
const HOUR_MS = 3_600_000;
const opened = { token: "a.b.c", expiresAt: new Date(NOW + HOUR_MS).toISOString() };

function tab(kept: Record<string, string> = {}) {
  const values = new Map(Object.entries(kept));
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}

const unreachable = () => Promise.reject(new TypeError("no network"));
const answering = (status: number) => () => Response.json({}, { status });

test("a session is open for its hour, in its tab, over a reload", () => {
  const time = { now: NOW };
  const storage = tab();
  const session = openPaySession({ storage, now: () => time.now });
  expect(session.isOpen()).toBe(false);
  session.begin(opened);
  expect(openPaySession({ storage, now: () => time.now }).isOpen()).toBe(true);
  expect(openPaySession({ storage: tab(), now: () => time.now }).isOpen()).toBe(false);
  time.now += HOUR_MS;
  expect(session.isOpen()).toBe(false);
});

test("what the server no longer knows has ended here, and so has what is too old to be sent", async () => {
  const sent: unknown[] = [];
  const time = { now: NOW };
  const send = (input: string, init?: RequestInit) => {
    sent.push([input, new Headers(init?.headers).get("authorization")]);
    return answering(401)();
  };
  const storage = tab();
  const session = openPaySession({ storage, send, now: () => time.now });
  let told = 0;
  session.subscribe(() => told++);
  session.begin(opened);
  await session.api.my.wallet.$get();
  expect(sent).toEqual([["/api/pay/wallet", "Bearer a.b.c"]]);
  expect([session.isOpen(), storage.values.size, told]).toEqual([false, 0, 2]);
  session.begin(opened);
  time.now += HOUR_MS;
  await expect(session.api.my.wallet.$get()).rejects.toMatchObject({ status: 401 });
  expect(sent).toHaveLength(1);
});

test("signing out ends it here also when the server does not answer", async () => {
  const session = openPaySession({ storage: tab(), send: unreachable, now: () => NOW });
  session.begin(opened);
  await session.signOut();
  expect(session.isOpen()).toBe(false);
});

test("what somebody else left in the tab is no session", () => {
  for (const kept of [
    "",
    "no json",
    "null",
    "7",
    "{}",
    '{"token":1,"expiresAt":"2027-01-01"}',
    '{"token":"t","expiresAt":"x"}',
  ])
    expect(openPaySession({ storage: tab({ "starai.pay": kept }), now: () => NOW }).isOpen()).toBe(false);
});
