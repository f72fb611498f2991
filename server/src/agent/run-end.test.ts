/** How runs end when the last write fails, when nobody works on them, and when what they wait for never comes. */
import { eq } from "drizzle-orm";
import { describe, expect, test, vi } from "vitest";
import { notices, threads } from "../db/schema.ts";
import { endJob } from "../testing/bill-jobs.ts";
import { expectBooksRight } from "../testing/books.ts";
import { billOf, fund, whole } from "../testing/money.ts";
import { cutOff } from "../testing/outage.ts";
import type { JobInput } from "../jobs/job.ts";
import { Gate } from "../testing/scripted-thinking.ts";
import { RunManager } from "./run-manager.ts";
import { answers, calls, followed, openTestAgent, rowsOf } from "../testing/agent.ts";

/** An agent whose database goes away once, right after the pool took its first job. */
async function openInterrupted(...texts: string[]) {
  const agent = await openTestAgent((input) => ({ pieces: [texts[stepOf(input)] ?? ""] }));
  let outage: Awaited<ReturnType<typeof cutOff>> | null = null;
  agent.ctx.runs = new RunManager(agent.ctx, async (input) => {
    const handle = await agent.jobs.submit(input);
    outage ??= await cutOff(agent.ctx.pg);
    return handle;
  });
  return { agent, cut: () => outage !== null, back: async () => await outage?.back() };
}

const PATIENCE = { timeout: 15_000 };
const stepOf = (input: JobInput) => Number(/:(\d+)$/u.exec(input.key)?.[1]);

describe("while the database is away", () => {
  test("a run's end is retried; its Stop says that nothing was stopped", async () => {
    const { agent, back } = await openInterrupted(answers("At last."));
    await using _ = agent;
    const { run } = await agent.ask("hello");
    const told: string[] = [];
    const reading = (async () => {
      for await (const { event } of agent.runs().events(run)) told.push(event.type);
    })();
    await expect.poll(() => told).toEqual(["snapshot"]);
    agent.runs().launch(run);
    await expect.poll(() => told, PATIENCE).toContain("step");
    await expect(agent.runs().cancel(run)).rejects.toThrow(/connect|database|query|begin/iu);
    expect(told).not.toContain("end");
    await back();
    await reading;
    expect((await rowsOf(agent.ctx, run)).row).toMatchObject({ status: "answered", answer: "At last." });
  }, 30_000);

  test("a finished step's write is retried, and its tool is called once", async () => {
    const { agent, cut, back } = await openInterrupted(calls("calculator", { expression: "1 + 1" }), answers("Two."));
    await using _ = agent;
    const { run } = await agent.ask("1 + 1");
    agent.runs().launch(run);
    await expect.poll(cut, PATIENCE).toBe(true);
    await back();
    await followed(agent.runs(), run);
    const { row, steps } = await rowsOf(agent.ctx, run);
    expect(row?.status).toBe("answered");
    expect(steps.map(({ action }) => action.kind)).toEqual(["tool", "final_answer"]);
    expect(agent.jobs.computed).toHaveLength(2);
  });

  test("a run whose step could not be submitted is resumed by the sweep, and its readers stay connected", async () => {
    await using agent = await openTestAgent(() => ({ pieces: [answers("Here I am.")] }));
    let away = true;
    agent.ctx.runs = new RunManager(agent.ctx, async (input) => {
      if (away) throw new Error("no row", { cause: new Error("Connection terminated unexpectedly") });
      return await agent.jobs.submit(input);
    });
    const { run } = await agent.ask("hello");
    const reading = followed(agent.runs(), run);
    agent.runs().launch(run);
    await expect.poll(() => agent.runs().sweep(), PATIENCE).toBe(1);
    away = false;
    await expect
      .poll(
        () =>
          agent
            .runs()
            .sweep()
            .then(() => agent.jobs.computed.length),
        PATIENCE,
      )
      .toBe(1);
    expect((await reading).at(-1)).toMatchObject({ type: "end", answer: "Here I am." });
  });
});

test("an end that no row can hold becomes an internal failure, and the conversation goes on", async () => {
  await using agent = await openTestAgent(({ turns }) => ({ pieces: [answers(turns.at(-1)?.content ?? "")] }));
  await agent.ctx.pg.query(`
    create function refuse() returns trigger language plpgsql as
      $$ begin if new.answer like '%unstorable%' then raise 'not this' using errcode = '22P05'; end if; return new; end $$;
    create trigger refuse before update on runs for each row execute function refuse()`);
  const first = await agent.ask("unstorable");
  const next = await agent.ask("storable", { thread: first.thread });
  agent.runs().launch(first.run);
  expect((await followed(agent.runs(), first.run)).at(-1)).toMatchObject({
    type: "end",
    outcome: { kind: "failed", code: "internal" },
    answer: "",
  });
  await followed(agent.runs(), next.run);
  expect((await rowsOf(agent.ctx, first.run)).row).toMatchObject({ status: "failed", answer: "" });
  expect((await rowsOf(agent.ctx, next.run)).row).toMatchObject({ status: "answered" });
});

describe("the sweep", () => {
  test("resumes runs without live work, in each thread's order, and none twice", async () => {
    await using agent = await openTestAgent(({ turns }) => ({ pieces: [answers(turns.at(-1)?.content ?? "")] }));
    const gate = new Gate();
    agent.ctx.runs = new RunManager(agent.ctx, (input) => gate.opened.then(() => agent.jobs.submit(input)));
    const first = await agent.ask("first");
    const second = await agent.ask("second", { thread: first.thread });
    const elsewhere = await agent.ask("elsewhere");
    expect(await agent.runs().sweep()).toBe(2);
    expect(await agent.runs().sweep()).toBe(0);
    gate.open();
    for (const { run } of [first, second, elsewhere]) await followed(agent.runs(), run);
    const asked = agent.jobs.computed.map(({ turns }) => turns.at(-1)?.content);
    expect(asked).toHaveLength(3);
    expect(asked.indexOf("first")).toBeLessThan(asked.indexOf("second"));
    expect(await agent.runs().sweep()).toBe(0);
  });
});

describe("Stop", () => {
  test("ends a run whose call never returns, and the next message is answered", async () => {
    await using agent = await openTestAgent(() => ({ pieces: [answers("Hi.")] }));
    let calls = 0;
    agent.ctx.runs = new RunManager(agent.ctx, async (input) =>
      calls++ === 0 ? await new Promise<never>(() => undefined) : await agent.jobs.submit(input),
    );
    const { run, thread } = await agent.ask("hello");
    const next = await agent.ask("still there?", { thread });
    const reading = followed(agent.runs(), run);
    agent.runs().launch(run);
    await expect.poll(() => calls, PATIENCE).toBe(1);
    expect(await agent.runs().cancel(run)).toBe(true);
    expect((await reading).at(-1)).toMatchObject({ type: "end", outcome: { kind: "stopped" } });
    expect((await rowsOf(agent.ctx, run)).row?.status).toBe("stopped");
    await followed(agent.runs(), next.run);
    expect((await rowsOf(agent.ctx, next.run)).row?.status).toBe("answered");
  });
});

test("a paid answer that leaves too little for another wakes the bot to say so, and one that leaves enough does not", async () => {
  await using agent = await openTestAgent(() => ({ pieces: [] }));
  const { ctx } = agent;
  const woken: string[] = [];
  vi.spyOn(ctx.changes, "emit").mockImplementation((to, { type }) => void (to === "bot" && woken.push(type)));
  /** Ends an answer of somebody with these credits, whose job is over. */
  const endWith = async (stars: bigint) => {
    const { run, thread } = await agent.ask("hello");
    const [asked] = await ctx.db.select({ person: threads.personId }).from(threads).where(eq(threads.id, thread));
    const { person } = asked!;
    await fund(ctx, person, { stars });
    await billOf(ctx, { id: run, person, paidWith: "stars", budget: stars, open: true });
    await endJob(ctx, run);
    expect(await agent.runs().cancel(run)).toBe(true);
    return (await ctx.db.select().from(notices)).filter(({ event }) => event.includes(person));
  };
  expect(await endWith(whole(1))).toEqual([]);
  expect(woken).not.toContain("notices");
  expect(await endWith(1_500n)).toMatchObject([{ params: { kind: "low_balance", paidWith: "stars", left: "500" } }]);
  expect(woken).toContain("notices");
  await expectBooksRight(ctx.pg);
});
