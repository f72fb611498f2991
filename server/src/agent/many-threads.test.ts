/** One person asks in many conversations at once: they are answered in turn, and none is refused. */
import { expect, test } from "vitest";
import type { RunEvent } from "@starai/protocol/runs";
import { Refusal } from "../errors.ts";
import { people, threads } from "../db/schema.ts";
import { Gate } from "../testing/scripted-thinking.ts";
import { RunManager } from "./run-manager.ts";
import { answers, followed, openTestAgent, rowsOf } from "../testing/agent.ts";

const PATIENCE = { timeout: 15_000 };

async function openMany(count: number, submitted: () => Promise<void>) {
  const agent = await openTestAgent(() => ({ pieces: [answers("Yes.")] }));
  agent.ctx.runs = new RunManager(agent.ctx, (input) => submitted().then(() => agent.jobs.submit(input)));
  const [ann] = await agent.ctx.db.insert(people).values({ telegramId: 1, name: "Ann" }).returning();
  const rows = Array.from({ length: count }, (_, at) => ({ personId: ann?.id ?? "", chat: `telegram:1:${at}` }));
  const made = await agent.ctx.db.insert(threads).values(rows).returning();
  const asked = [];
  for (const { id } of made) asked.push((await agent.ask("?", { thread: id })).run);
  return { agent, asked };
}

test("runs up to the pool's limit per owner work at once; the others wait as queued and are answered", async () => {
  const gate = new Gate();
  let working = 0;
  const { agent, asked } = await openMany(30, async () => {
    working++;
    await gate.opened;
  });
  await using _ = agent;
  const most = agent.ctx.config.limits.jobsPerOwnerMax;
  const told: RunEvent[][] = [];
  const reading = Promise.all(asked.map(async (run) => told.push(await followed(agent.runs(), run))));
  await agent.runs().sweep();
  await expect.poll(() => working, PATIENCE).toBe(most);
  const queued = async (run: string) =>
    JSON.stringify((await agent.runs().events(run).next()).value).includes("queued");
  await expect
    .poll(async () => (await Promise.all(asked.map(queued))).filter(Boolean).length, PATIENCE)
    .toBe(asked.length - most);
  expect(working).toBe(most);
  gate.open();
  await reading;
  for (const events of told) expect(events.at(-1)).toMatchObject({ type: "end", outcome: { kind: "answered" } });
}, 30_000);

test("a waiting run can be stopped at once and never starts", async () => {
  const gate = new Gate();
  let working = 0;
  const { agent, asked } = await openMany(9, async () => {
    working++;
    await gate.opened;
  });
  await using _ = agent;
  const last = asked.pop() ?? "";
  for (const run of asked) agent.runs().launch(run);
  await expect.poll(() => working, PATIENCE).toBe(asked.length);
  const reader = agent.runs().events(last);
  await reader.next();
  agent.runs().launch(last);
  expect((await reader.next()).value).toMatchObject({ event: { phase: { kind: "queued", position: 1 } } });
  expect(await agent.runs().cancel(last)).toBe(true);
  expect((await reader.next()).value).toMatchObject({ event: { type: "end", outcome: { kind: "stopped" } } });
  gate.open();
  for (const run of asked) await followed(agent.runs(), run);
  expect((await rowsOf(agent.ctx, last)).row?.status).toBe("stopped");
  expect(working).toBe(asked.length);
}, 30_000);

test("a step that finds the pool's queue full waits for room in it", async () => {
  let refusals = 0;
  const { agent, asked } = await openMany(1, async () => {
    if (refusals++ === 0) throw new Refusal("queue_full", "200 requests wait already");
  });
  await using _ = agent;
  await agent.runs().sweep();
  const events = await followed(agent.runs(), asked[0] ?? "");
  expect(events.at(-1)).toMatchObject({ type: "end", outcome: { kind: "answered" } });
}, 30_000);
