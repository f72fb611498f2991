/** The laws of sessions, over any order of what clients, thieves, owners and the clock may do. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sessions } from "../db/schema.ts";
import { launchOf, newDevice, openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { deletePerson } from "../threads/delete-person.ts";
import { checkSession } from "./check-session.ts";
import { endSession } from "./end-sessions.ts";
import { openSession } from "./open-session.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 23, 14);

let stack: TestApp;
let now = START;
let person = 1_000;

beforeAll(async () => {
  stack = await openTestApp();
  (stack.ctx as { clock: () => number }).clock = () => now;
});
afterAll(() => stack[Symbol.asyncDispose]());

const launch = (at = now) => launchOf(++person, new Date(at));
const opening = (initData: string) => openSession(stack.ctx, { initData, device: newDevice() });
const codeOf = (tried: Promise<unknown>) =>
  tried.then(
    () => "none",
    (error: unknown) => (error as { code?: string }).code,
  );

const act = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("open" as const), device: fc.nat({ max: 1 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.nat({ max: 500 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("sign out" as const, "delete" as const) }) },
);

test("one launch makes one session, of the client that came first, for a day, until somebody ends it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 9 }), async (acts) => {
      now = START;
      const before = await stack.ctx.db.$count(sessions);
      const { initData } = launchOf(++person, new Date(START));
      const devices = [newDevice(), newDevice()];
      let first: number | null = null;
      let ended = false;
      let token = "";
      const promised: boolean[] = [];
      const seen: boolean[] = [];
      for (const step of acts) {
        if (step.kind === "wait") now += step.minutes * MINUTE;
        else if (step.kind === "open") {
          const age = now - START;
          promised.push(first === null ? age <= HOUR : first === step.device && !ended && age < 24 * HOUR);
          const opened = await openSession(stack.ctx, { initData, device: devices[step.device] ?? "" }).catch(
            () => null,
          );
          seen.push(opened !== null);
          if (opened === null) continue;
          first ??= step.device;
          token = opened.token;
          const life = Date.parse(opened.expiresAt) - now;
          promised.push(true);
          seen.push(life > 0 && life <= HOUR && now + life <= START + 24 * HOUR);
        } else if (token !== "") {
          const session = await checkSession(stack.ctx, token).catch(() => null);
          if (session === null) continue;
          if (step.kind === "sign out") await endSession(stack.ctx, session, true);
          else await deletePerson(stack.ctx, session.person, { givesUp: false });
          ended = true;
          promised.push(true);
          seen.push((await codeOf(checkSession(stack.ctx, token))) === "signed_out");
        }
      }
      expect(seen).toEqual(promised);
      expect(await stack.ctx.db.$count(sessions)).toBe(before + (first === null ? 0 : 1));
    }),
    { numRuns: 40 },
  );
});

test("two windows that bring one launch at once: one gets the session, as often as it asks", async () => {
  now = START;
  const { initData, device } = launchOf(++person, new Date(now));
  const other = newDevice();
  const tries = await Promise.allSettled(
    [device, other, device, other, device].map((key) => openSession(stack.ctx, { initData, device: key })),
  );
  const won = tries.map(({ status }) => status === "fulfilled");
  expect([
    [true, false, true, false, true],
    [false, true, false, true, false],
  ]).toContainEqual(won);
});

describe("what Telegram did not sign is refused:", () => {
  test("any altered, added or doubled part", async () => {
    now = START;
    const { initData } = launch();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: initData.length - 1 }),
        fc.constantFrom("0", "a", "Z", "&", "=", "%"),
        async (at, by) => {
          const altered = initData.slice(0, at) + by + initData.slice(at + 1);
          const same = new URLSearchParams(altered).toString() === new URLSearchParams(initData).toString();
          expect(same || (await codeOf(opening(altered))) === "unauthorised").toBe(true);
        },
      ),
      { numRuns: 60 },
    );
    const zeros = `hash=${"0".repeat(64)}`;
    const others = ["&user=%7B%22id%22%3A1%7D", `&${zeros}`, "&x=1"].map((more) => initData + more);
    for (const wrong of [...others, `${zeros}&${initData}`, "", "hash=&user="])
      expect(await codeOf(opening(wrong))).toBe("unauthorised");
  });

  test("another bot's launch, one from the future, one of an hour ago", async () => {
    const foreign = launchOf(++person, new Date(now), "700001:another-bots-token-0123456789abcdef");
    expect(await codeOf(opening(foreign.initData))).toBe("unauthorised");
    expect(await codeOf(opening(launch(now + 2 * MINUTE).initData))).toBe("unauthorised");
    expect(await codeOf(opening(launch(now - 61 * MINUTE).initData))).toBe("session_expired");
  });
});

test("a token is refused when it has no session, is altered, has expired or has another bot's signature", async () => {
  now = START;
  const { token } = await openSession(stack.ctx, launchOf(++person, new Date(now)));
  expect((await checkSession(stack.ctx, token)).person.telegramId).toBe(person);
  const [head, claims, mark] = token.split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
  const longer = Buffer.from(JSON.stringify({ sid: "x", exp: 9e9 })).toString("base64url");
  for (const wrong of ["", "x", `${token}x`, `${none}.${claims}.`, `${head}.${longer}.${mark}`])
    await expect(checkSession(stack.ctx, wrong)).rejects.toMatchObject({ code: "unauthorised" });
  now += HOUR;
  await expect(checkSession(stack.ctx, token)).rejects.toMatchObject({ code: "unauthorised" });
});
