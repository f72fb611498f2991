/** A data folder left by an older version in the middle of its work is opened by this one and the work continued. */
import { expect, onTestFinished, test } from "vitest";
import { answerOf, createSessionClient } from "@starai/server/client";
import { leftBehind, openLeftBehind } from "@starai/server/testing/left-behind";
import { signToken } from "@starai/server/sessions/session-token";
import { startAskingServer, temporaryHome, undisturbed } from "./asking-server.ts";

const BOT_TOKEN = "700000:the-token-of-an-older-bot-0123456789";
const API_KEY = `sk-starai-${"k".repeat(43)}`;

test.each(await leftBehind())("work left by %s is continued", { timeout: 120_000 }, async (tag) => {
  const database = await openLeftBehind(tag);
  onTestFinished(() => database[Symbol.asyncDispose]());
  const env = { DATABASE_URL: database.url, BOT_TOKEN };
  const stack = await startAskingServer({ home: await temporaryHome(), env });
  await stack.worker.join(stack.url);

  const jobs = async () => (await stack.ctx.pg.query("select key, state, fence from jobs order by id")).rows;
  await expect.poll(jobs, { timeout: 60_000 }).toEqual([
    { key: "run:00000000-0000-4000-8000-0000000000c1:0", state: "done", fence: 1 },
    { key: "run:00000000-0000-4000-8000-0000000000c3:0", state: "done", fence: 3 },
    { key: "api:queued", state: "done", fence: 1 },
    { key: "api:failed", state: "failed", fence: 1 },
    { key: "api:cancelled", state: "cancelled", fence: 1 },
  ]);
  await expect.poll(stack.ends).toContainEqual({ status: "answered", answer: undisturbed("q7") });

  const session = { session: "00000000-0000-4000-8000-0000000000f1", expiresAt: new Date(Date.now() + 60_000) };
  const token = await signToken(BOT_TOKEN, session);
  const { my } = createSessionClient({ baseUrl: stack.url, token: () => token });
  const id = "00000000-0000-4000-8000-0000000000a1";
  const thread = await answerOf(() => my.threads[":id"].$get({ param: { id }, query: {} }));
  expect(thread.title).toBe("Rates");
  expect(thread.messages.map(({ role, text }) => [role, text])).toEqual([
    ["user", "What is 6 × 7?"],
    ["assistant", "It is 42."],
    ["user", "И всё?"],
    ["assistant", ""],
    ["user", "q7"],
    ["assistant", undisturbed("q7")],
  ]);
  const models = await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${API_KEY}` } });
  expect(models.status).toBe(200);
  const { rows: open } = await stack.ctx.pg.query("select update_id from updates where handled_at is null");
  expect(open).toEqual([{ update_id: "11" }]);
  const { rows: workers } = await stack.ctx.pg.query("select name from workers where banned_at is not null");
  expect(workers).toEqual([{ name: "banned" }]);
});
