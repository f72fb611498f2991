/** Access to the routes of a session, through the real application and its typed client, in process. */
import { describe, expect, test } from "vitest";
import { answerOf } from "../client.ts";
import { BOT_KEY } from "../testing/threads.ts";
import type { TestApp } from "../testing/app.ts";
import { inOneApp, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
inOneApp((opened, person) => ([stack, ann] = [opened, person]));

const ID = "00000000-0000-4000-8000-000000000000";
const BODIES: Record<string, unknown> = {
  "PUT /api/my/model": { model: null },
  "PUT /api/my/language": { language: null },
  "PATCH /api/my/threads/:id": { title: "Mine" },
  "POST /api/my/threads/:id/messages": { externalId: "stolen", text: "hello" },
  "PUT /api/my/threads/:id/head": { message: ID },
  "POST /api/my/messages/:id/regenerate": { externalId: "stolen" },
  "PUT /api/my/runs/:id/feedback": { feedback: "up" },
  "PATCH /api/my/keys/:id": { name: "stolen" },
};
const routes = () =>
  stack.app.routes.filter(
    ({ path, method }, index, all) =>
      path.startsWith("/api/my/") &&
      method !== "ALL" &&
      all.findIndex((other) => other.path === path && other.method === method) === index,
  );
const call = ({ path, method }: { path: string; method: string }, token: string | null, id = ID) =>
  stack.app.request(`${path.replace(":id", id)}${path.endsWith("export") ? "?format=md" : ""}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      "content-type": "application/json",
    },
    ...(`${method} ${path}` in BODIES ? { body: JSON.stringify(BODIES[`${method} ${path}`]) } : {}),
  });
const ofPath = (path: string, asked: { thread: string; message: string; run: string }) =>
  path.includes("/threads/") ? asked.thread : path.includes("/messages/") ? asked.message : asked.run;
/** Those of coins know nothing at all without a chain: my-wallet.test.ts asks them as a stranger. */
const isOfCoins = (path: string) => /\/(wallet|deposits|payouts)\//.test(path);
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];

describe("every route of a session", () => {
  test("refuses no token, an altered one, an expired one, and one of an ended session", async () => {
    expect(routes().length).toBeGreaterThanOrEqual(18);
    const ended = await stack.signIn(ann.telegramId);
    await answerOf(() => ended.session.$delete({ query: {} }));
    const clock = stack.ctx.clock;
    for (const route of routes()) {
      for (const token of [null, "", `${ann.token}x`, BOT_KEY])
        expect(await codeOf(await call(route, token))).toEqual([401, "unauthorised"]);
      expect(await codeOf(await call(route, ended.token))).toEqual([401, "signed_out"]);
      (stack.ctx as { clock: () => number }).clock = () => Date.now() + 60 * 60_000;
      expect(await codeOf(await call(route, ann.token))).toEqual([401, "unauthorised"]);
      (stack.ctx as { clock: () => number }).clock = clock;
    }
  });

  test("knows nothing of another person's threads, messages and runs, nor of a group's thread one began", async () => {
    const { thread, asked } = await ann.talk("my secret");
    const stranger = await newPerson(stack);
    const group = await ann.write("in the group", "telegram:-100500");
    await stack.ended(group.run);
    for (const route of routes().filter(({ path }) => path.includes(":id") && !isOfCoins(path))) {
      const mine = await call(route, stranger.token, ofPath(route.path, asked[0]!));
      expect({ route: route.path, got: await codeOf(mine) }).toEqual({ route: route.path, got: [404, "not_found"] });
      const groups = await call(route, ann.token, ofPath(route.path, group));
      expect({ route: route.path, got: await codeOf(groups) }).toEqual({ route: route.path, got: [404, "not_found"] });
    }
    expect(await ann.texts(thread)).toEqual(["my secret", "You said: my secret"]);
    expect((await ann.list()).threads.map(({ id }) => id)).toEqual([thread]);
  });
});
