/**
 * A seeded campaign: thousands of questions while strangers' machines misbehave at random, connections break, the
 * database is paused and killed, and the server is stopped and killed. Each question must end once, with the same
 * answer it gets when nothing fails.
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lease } from "@starai/protocol/worker-frames";
import { seededRandom } from "@starai/server/grammar/gbnf-sampler";
import { WORKER_ATTACKS } from "./behaviours.ts";
import { HonestWorker } from "./honest-worker.ts";
import { HostileWorker } from "./hostile-worker.ts";
import { pausePostgres } from "./hostile-network.ts";
import { Lab } from "./lab.ts";
import { ask } from "./people.ts";
import type { Kind, Reply } from "./people.ts";
import { served } from "./served-models.ts";
import type { Protection } from "./server-messages.ts";
import { addressOf } from "./wage.ts";

/** Different questions of each kind; their undisturbed answers are collected first. */
const QUESTIONS = 24;
const KINDS: readonly Kind[] = ["plain", "plain", "plain", "form", "form", "agent"];
const AT_ONCE = 24;
const STRANGERS = 5;
/** So few slots and so slow a pace that the honest machines leave work for strangers. */
const SECOND_SLOTS = 2;
const HONEST_FRAME_MS = 30;
/** A job is still answered after every stranger and two broken connections have lost it. */
const ATTEMPTS_MAX = STRANGERS + 3;
/** Share of its jobs a stranger answers honestly; otherwise the pool would soon pause it and little would be tested. */
const HONEST_SHARE = 0.7;
/** Share of silent behaviours among the faults: detecting silence takes seconds, and more would slow the campaign. */
const SILENT_SHARE = 0.02;

/** Shares of the faults that only the form check, or only the fence check, detects; else they would be rare. */
const POISON_SHARE = 0.3;
const LATE_SHARE = 0.2;
const LATE_FRAMES = 5;

export interface CampaignOptions {
  seed: number;
  jobs: number;
  /** Number of server stops, and of kills; all in the first quarter, so that one heap can be followed afterwards. */
  restarts: number;
  databaseFaults: number;
  without?: readonly Protection[];
}

export interface CampaignReport {
  asked: number;
  answered: number;
  /** Questions that got no answer or an error. */
  lost: string[];
  /** Answers that differ from the undisturbed ones. */
  wrong: string[];
  /** Rows in excess of one per question. */
  doubled: number;
  /** Jobs and runs that did not end. */
  left: number;
  /** Leases given to a machine that had already lost the same job, before an honest one had been given it. */
  repeated: number;
  /** Leases that ended without an answer, by their reason. */
  losses: Map<string, number>;
  heapQuarterBytes: number;
  heapEndBytes: number;
  seconds: number;
}

export async function wageCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { seed, without = [] } = options;
  await using lab = await Lab.open({ seed, people: QUESTIONS, limits: { attemptsMax: ATTEMPTS_MAX }, without });
  const baseline = new Map<Kind, Reply[]>();
  for (const kind of new Set(KINDS)) baseline.set(kind, await lab.undisturbed(kind));
  const rowsBefore = await rowCounts(lab);
  const second = new HonestWorker({ name: "second", models: [served({ slots: SECOND_SLOTS })], ids: lab.ids });
  await second.join(lab.url);
  for (const honest of [lab.honest, second]) honest.frameMs = HONEST_FRAME_MS;
  const strangers = await strangersOf(lab);
  const began = performance.now();
  const asked = await askAll(lab, options, [lab.honest, second]);
  const seconds = (performance.now() - began) / 1000;
  for (const stranger of strangers) stranger.leave();
  const left = (await lab.runsLeft()) + (await jobsLeft(lab));
  const report = await compared(lab, { answers: asked.answers, baseline, rowsBefore });
  second.leave();
  return { ...report, left, heapQuarterBytes: asked.heapQuarterBytes, heapEndBytes: await heap(lab), seconds };
}

async function strangersOf(lab: Lab): Promise<HostileWorker[]> {
  const random = seededRandom(lab.options.seed);
  const visible = WORKER_ATTACKS.filter(({ expects, notInCampaigns }) => expects === "honest" && !notInCampaigns);
  const quick = visible.filter(({ long }) => !long);
  const slow = visible.filter(({ long }) => long);
  const strangers = Array.from(
    { length: STRANGERS },
    (_, index) =>
      new HostileWorker({
        name: `stranger-${index}`,
        models: [served({ slots: 64, decodeTokensPerS: 900 })],
        ids: lab.ids,
        ...addressOf(index),
        behaviour: (machine, lease) => {
          if (random() < HONEST_SHARE) return machine.workHonestly(lease);
          const begins = lease.constraint !== null && lease.committed.text === "";
          if (begins && random() < POISON_SHARE) return poisonPrefix(machine, lease);
          if (!lease.constraint && random() < LATE_SHARE) return sendLate(machine, lease);
          const among = random() < SILENT_SHARE ? slow : quick;
          return among[Math.floor(random() * among.length)]?.behaviour(machine, lease);
        },
      }),
  );
  await Promise.all(strangers.map((stranger) => stranger.join(lab.url)));
  return strangers;
}

/** Sends a token no form begins with; in the middle of a text the server could not tell it from a valid word. */
function poisonPrefix(machine: HostileWorker, lease: Lease): void {
  machine.sendText(lease, " a");
  machine.sendFail(lease, "busy");
}

/** Fails the lease, then keeps sending valid tokens for it while another machine works on the job. */
async function sendLate(machine: HostileWorker, lease: Lease): Promise<void> {
  machine.sendFail(lease, "busy");
  for (let frame = 0; frame < LATE_FRAMES; frame++) {
    await sleep(HONEST_FRAME_MS);
    machine.sendText(lease, " late");
  }
}

async function askAll(lab: Lab, options: CampaignOptions, honest: readonly HonestWorker[]) {
  const faults = faultsOf(lab, options, honest);
  const answers: { kind: Kind; at: number; reply: Reply }[] = [];
  let next = 0;
  let heapQuarterBytes = 0;
  faults.at(Math.floor(options.jobs / 4), async () => {
    heapQuarterBytes = await heap(lab);
  });
  const person = async () => {
    for (let at = next++; at < options.jobs; at = next++) {
      faults.strike(at);
      const kind = KINDS[at % KINDS.length] ?? "plain";
      const text = `Question ${at % QUESTIONS} of seed ${options.seed}`;
      const apiKey = lab.keys[at % lab.keys.length] ?? "";
      const question = { id: `campaign-${options.seed}-${at}`, kind, text };
      const reply = await ask(question, { url: () => lab.url, apiKey, patient: true });
      answers.push({ kind, at: at % QUESTIONS, reply });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, person));
  await faults.over();
  return { answers, heapQuarterBytes };
}

/** Plans the faults by question number; the same seed gives the same plan. */
function faultsOf(
  lab: Lab,
  { seed, jobs, restarts, databaseFaults }: CampaignOptions,
  honest: readonly HonestWorker[],
) {
  const random = seededRandom(seed + 1);
  const plan = new Plan();
  const someTime = (share: number) => Math.floor((0.02 + random() * 0.9) * share * jobs);
  for (let count = 0; count < jobs / 100; count++)
    plan.at(someTime(1), () => honest[Math.floor(random() * honest.length)]?.breakWire());
  for (let count = 0; count < databaseFaults; count++)
    plan.at(someTime(1), () => pausePostgres(lab, 500 + random() * 1_000));
  if (databaseFaults > 0)
    plan.at(someTime(1), () => {
      const pid = lab.server.postgresPid;
      if (pid !== null) process.kill(pid, "SIGKILL");
    });
  for (let count = 0; count < restarts; count++) {
    plan.at(someTime(0.25), () => lab.restart("stopped"));
    plan.at(someTime(0.25), () => lab.restart("crashed"));
  }
  return plan;
}

/** Faults by question number, injected one at a time: during a restart there is no server for a second fault to hit. */
class Plan {
  readonly #planned = new Map<number, (() => Promise<void> | void)[]>();
  #before: Promise<void> = Promise.resolve();

  at(question: number, strike: () => Promise<void> | void): void {
    this.#planned.set(question, [...(this.#planned.get(question) ?? []), strike]);
  }

  strike(question: number): void {
    for (const strike of this.#planned.get(question) ?? [])
      this.#before = this.#before
        .then(strike)
        .catch((error: unknown) => console.error("a fault could not be injected:", error));
  }

  over(): Promise<void> {
    return this.#before;
  }
}

async function compared(
  lab: Lab,
  {
    answers,
    baseline,
    rowsBefore,
  }: { answers: { kind: Kind; at: number; reply: Reply }[]; baseline: Map<Kind, Reply[]>; rowsBefore: Rows },
) {
  const lost = answers.flatMap(({ kind, reply }) => (reply.kind === "failure" ? [`${kind}: ${reply.why}`] : []));
  const wrong = answers.flatMap(({ kind, at, reply }) => {
    const expected = baseline.get(kind)?.[at];
    if (reply.kind !== "answer" || expected?.kind !== "answer" || reply.text === expected.text) return [];
    return [
      `${kind} ${at}: ${JSON.stringify(reply.text.slice(0, 120))} for ${JSON.stringify(expected.text.slice(0, 120))}`,
    ];
  });
  const rows = await rowCounts(lab);
  const asked = { runs: count(answers, "agent"), completions: answers.length - count(answers, "agent") };
  const doubled =
    Math.max(0, rows.runs - rowsBefore.runs - asked.runs) +
    Math.max(0, rows.completions - rowsBefore.completions - asked.completions);
  const answered = answers.length - lost.length - wrong.length;
  return {
    asked: answers.length,
    answered,
    lost,
    wrong,
    doubled,
    losses: await lossesOf(lab),
    repeated: await repeatedOf(lab),
  };
}

function count(answers: readonly { kind: Kind }[], kind: Kind): number {
  return answers.filter((one) => one.kind === kind).length;
}

interface Rows {
  runs: number;
  completions: number;
}

async function rowCounts(lab: Lab): Promise<Rows> {
  const [row] = await lab.server.rows<{ runs: string; completions: string }>(
    "select (select count(*) from runs) as runs, (select count(*) from jobs where key like 'completion:%') as completions",
  );
  return { runs: Number(row?.runs), completions: Number(row?.completions) };
}

async function jobsLeft(lab: Lab): Promise<number> {
  for (let looks = 0; ; looks++) {
    const [row] = await lab.server.rows<{ left: string }>(
      "select count(*) as left from jobs where state in ('queued', 'leased')",
    );
    if (Number(row?.left) === 0 || looks > 50) return Number(row?.left);
    await sleep(200);
  }
}

async function lossesOf(lab: Lab): Promise<Map<string, number>> {
  const rows = await lab.server.rows<{ end: string; times: string }>(
    `select split_part("end", ':', 1) as end, count(*) as times from attempts where "end" is not null and "end" <> 'done' group by 1 order by 2 desc`,
  );
  return new Map(rows.map(({ end, times }) => [end, Number(times)]));
}

async function repeatedOf(lab: Lab): Promise<number> {
  const [row] = await lab.server.rows<{ times: string }>(
    `select count(*) as times from attempts again
     join attempts lost on lost.job_id = again.job_id and lost.worker_id = again.worker_id and lost.fence < again.fence
     where lost."end" not like 'server_%' and (
       select count(*) from attempts had join workers w on w.id = had.worker_id
       where had.job_id = again.job_id and had.fence < again.fence and w.name in ('honest', 'second')) = 0
     and not exists (select from attempts cut where cut.job_id = again.job_id and cut."end" like 'server_%')
     -- While machines find a server that started again, whoever is there first may be the only one.
     and not exists (select from attempts cut where cut."end" like 'server_%'
       and again.started_at between cut.ended_at and cut.ended_at + interval '5 s')`,
  );
  return Number(row?.times);
}

async function heap(lab: Lab): Promise<number> {
  return Number(await lab.server.ask({ kind: "heap" }));
}
