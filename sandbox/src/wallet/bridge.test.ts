import * as fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { Bridge } from "./bridge.ts";
import { bridgeRoutes } from "./bridge-routes.ts";

const [ann, bob] = ["a".repeat(64), "b".repeat(64)];
let now: number;
let bridge: Bridge;
beforeEach(() => {
  now = 1_800_000_000_000;
  bridge = new Bridge(() => now);
});

const post = (to: string, message = "bWVzc2FnZQ==", ttlS = 300) => bridge.post(to, { from: ann, message, ttlS });
/** Everything that a client hears who asks for what came after an id. */
function heard(client: string, after = 0): { messages: string[]; last: number; end: (() => void) | null } {
  const all = { messages: [] as string[], last: after, end: null as (() => void) | null };
  all.end = bridge.listen(client, after, ({ id, message }) => {
    all.messages.push(message);
    all.last = id;
  });
  return all;
}

test("a message is heard at once, and by one who comes later until its time is over", () => {
  const listening = heard(bob);
  post(bob, "one", 60);
  expect(listening.messages).toEqual(["one"]);
  expect(heard(bob).messages).toEqual(["one"]);
  expect(heard(ann).messages).toEqual([]);
  now += 60_000;
  expect(heard(bob).messages).toEqual([]);
});

test("one who comes back hears only what was missed, and ids grow although the clock stands still", () => {
  post(bob, "one");
  const { last, end } = heard(bob);
  end?.();
  post(bob, "two");
  expect(heard(bob, last).messages).toEqual(["two"]);
});

test("the oldest of too many messages is dropped, and clients and streams are counted", () => {
  for (let n = 0; n < 40; n++) post(bob, String(n));
  const { messages } = heard(bob);
  expect(messages).toHaveLength(32);
  expect(messages.at(-1)).toBe("39");
  for (let n = 1; n < 4; n++) expect(heard(bob).end).not.toBeNull();
  expect(heard(bob).end).toBeNull();
  let taken = 0;
  for (let n = 0; n < 500; n++) taken += Number(post(n.toString(16).padStart(64, "0")));
  expect(taken).toBe(199);
  now += 300_000;
  expect(post("c".repeat(64))).toBe(true);
});

test("one who comes and goes at any time hears each message once and in order, however the clock moves", () => {
  const step = fc.constantFrom("post", "leave", "come", "wait");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      bridge = new Bridge(() => now);
      const said: string[] = [];
      const all: string[] = [];
      let here = heard(bob);
      for (const what of [...steps, "leave", "come"]) {
        if (what === "post" && post(bob, String(said.length))) said.push(String(said.length));
        // Within the time that messages are kept.
        if (what === "wait") now += 9_000;
        if (what === "leave" && here.end) {
          here.end();
          all.push(...here.messages.splice(0));
          here.end = null;
        }
        if (what === "come" && !here.end) here = heard(bob, here.last);
      }
      expect([...all, ...here.messages]).toEqual(said);
    }),
  );
});

test("over HTTP nonsense is refused in words, and what is for the wallet is not kept", async () => {
  const delivered: string[] = [];
  const routes = bridgeRoutes(bridge, ({ to, message }) => to === ann && delivered.push(message) > 0);
  const send = (query: string, body = "bWVzc2FnZQ==") => routes.request(`/message?${query}`, { method: "POST", body });
  const good = `client_id=${ann}&to=${bob}&ttl=300&topic=sendTransaction&trace_id=1`;
  expect((await send(good)).status).toBe(200);
  expect(heard(bob).messages).toEqual(["bWVzc2FnZQ=="]);
  expect((await send(good.replace(`to=${bob}`, `to=${ann}`))).status).toBe(200);
  expect(delivered).toEqual(["bWVzc2FnZQ=="]);
  expect(heard(ann).messages).toEqual([]);
  for (const query of [
    "",
    good.replace("ttl=300", "ttl=86400"),
    good.replace(`to=${bob}`, "to=bob"),
    `to=${bob}&ttl=1`,
  ])
    expect((await send(query)).status).toBe(400);
  expect((await send(good, "not base64!")).status).toBe(400);
  expect((await send(good, "A".repeat(200_000))).status).toBe(413);
  for (const query of ["", "client_id=bob", `client_id=${Array(11).fill(bob).join(",")}`])
    expect((await routes.request(`/events?${query}`)).status).toBe(400);
});

test("a stream begins with a heartbeat and carries messages with their ids", async () => {
  const routes = bridgeRoutes(bridge, () => false);
  post(bob, "bWVzc2FnZQ==");
  const answer = await routes.request(`/events?client_id=${bob}`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("heartbeat") || !text.includes(ann)) text += (await reader.read()).value ?? "";
  expect(text).toContain(`data: {"from":"${ann}","message":"bWVzc2FnZQ=="}`);
  expect(text).toMatch(/id: \d{13}/);
  await reader.cancel();
  await expect.poll(() => heard(bob).end).not.toBeNull();
});
