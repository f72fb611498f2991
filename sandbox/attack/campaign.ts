/**
 * A seeded campaign: thousands of questions while strangers' machines do by lot whatever they can, wires break, the
 * database stands still and is killed, and the server is stopped and killed. Each question must end once, with the
 * words it has when nothing happens.
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
import type { Kind, Told } from "./people.ts";
import { served } from "./served-models.ts";
import type { Protection } from "./server-messages.ts";
import { addressOf } from "./wage.ts";

/** Different questions of each kind; their undisturbed words are asked for first. */
const QUESTIONS = 24;
const KINDS: readonly Kind[] = ["plain", "plain", "plain", "form", "form", "agent"];
const AT_ONCE = 24;
const STRANGERS = 5;
/** With so few slots and such a pace honest machines leave work for strangers. */
const SECOND_SLOTS = 2;
const HONEST_FRAME_MS = 30;
/** Each stranger and two broken wires may lose a job, and it is still answered. */
const ATTEMPTS_MAX = STRANGERS + 3;
/** A stranger is honest for this share of its jobs, or it would soon be paused and the campaign a calm one. */
const HONEST_SHARE = 0.7;
/** Silence is judged after seconds: few of those, or the campaign is a long wait. */
const SILENT_SHARE = 0.02;

/** What only the form, and only the fence, can tell: by lot among all attacks a short campaign would hardly see them. */
const POISON_SHARE = 0.3;
const LATE_SHARE = 0.2;
const LATE_FRAMES = 5;

export interface CampaignOptions {
  seed: number;
  jobs: number;
  /** Times the server is stopped, and times it is killed; both in the first quarter, so that one heap can be followed. */
  restarts: number;
  databaseFaults: number;
  without?: readonly Protection[];
}

export interface CampaignReport {
  asked: number;
  answered: number;
  /** Told nothing, or that it failed. */
  lost: string[];
  /** Other words than the undisturbed ones. */
  wrong: string[];
  /** Rows beyond one a question. */
  doubled: number;
  /** Jobs and runs that did not end. */
  left: number;
  /** Leases given to a machine that had lost the same job, while an honest one had not had it. */
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
  const calm = new Map<Kind, Told[]>();
  for (const kind of new Set(KINDS)) calm.set(kind, await lab.undisturbed(kind));
  const rowsBefore = await rowCounts(lab);
  const second = new HonestWorker({ name: "second", models: [served({ slots: SECOND_SLOTS })], ids: lab.ids });
  await second.join(lab.url);
  for (const honest of [lab.honest, second]) honest.frameMs = HONEST_FRAME_MS;
  const strangers = await strangersOf(lab);
  const began = performance.now();
  const told = await askAll(lab, options, [lab.honest, second]);
  const seconds = (performance.now() - began) / 1000;
  for (const stranger of strangers) stranger.leave();
  const left = (await lab.runsLeft()) + (await jobsLeft(lab));
  const report = await compared(lab, { told: told.answers, calm, rowsBefore });
  second.leave();
  return { ...report, left, heapQuarterBytes: told.heapQuarterBytes, heapEndBytes: await heap(lab), seconds };
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
          if (random() < HONEST_SHARE) return machine.worksHonestly(lease);
          const begins = lease.constraint !== null && lease.committed.text === "";
          if (begins && random() < POISON_SHARE) return poisons(machine, lease);
          if (!lease.constraint && random() < LATE_SHARE) return speaksLate(machine, lease);
          const among = random() < SILENT_SHARE ? slow : quick;
          return among[Math.floor(random() * among.length)]?.behaviour(machine, lease);
        },
      }),
  );
  await Promise.all(strangers.map((stranger) => stranger.join(lab.url)));
  return strangers;
}

/** No form begins so; in the middle of a text it is a word like any other, which nobody can see to be wrong. */
function poisons(machine: HostileWorker, lease: Lease): void {
  machine.saysTruly(lease, " a");
  machine.fails(lease, "busy");
}

/** Gives the lease up and goes on with words that are true ones, while another machine works on the job. */
async function speaksLate(machine: HostileWorker, lease: Lease): Promise<void> {
  machine.fails(lease, "busy");
  for (let frame = 0; frame < LATE_FRAMES; frame++) {
    await sleep(HONEST_FRAME_MS);
    machine.saysTruly(lease, " late");
  }
}

async function askAll(lab: Lab, options: CampaignOptions, honest: readonly HonestWorker[]) {
  const faults = faultsOf(lab, options, honest);
  const answers: { kind: Kind; at: number; told: Told }[] = [];
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
      const told = await ask(question, { url: () => lab.url, apiKey, patient: true });
      answers.push({ kind, at: at % QUESTIONS, told });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, person));
  await faults.over();
  return { answers, heapQuarterBytes };
}

/** What happens when the question of this number is asked: the same for the same seed. */
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

/** One thing after the other: a fault in the middle of a restart would meet a server that is not there. */
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
        .catch((error: unknown) => console.error("a fault could not be made:", error));
  }

  over(): Promise<void> {
    return this.#before;
  }
}

async function compared(
  lab: Lab,
  {
    told,
    calm,
    rowsBefore,
  }: { told: { kind: Kind; at: number; told: Told }[]; calm: Map<Kind, Told[]>; rowsBefore: Rows },
) {
  const lost = told.flatMap(({ kind, told }) => (told.kind === "failure" ? [`${kind}: ${told.why}`] : []));
  const wrong = told.flatMap(({ kind, at, told }) => {
    const expected = calm.get(kind)?.[at];
    if (told.kind !== "answer" || expected?.kind !== "answer" || told.text === expected.text) return [];
    return [
      `${kind} ${at}: ${JSON.stringify(told.text.slice(0, 120))} for ${JSON.stringify(expected.text.slice(0, 120))}`,
    ];
  });
  const rows = await rowCounts(lab);
  const asked = { runs: count(told, "agent"), completions: told.length - count(told, "agent") };
  const doubled =
    Math.max(0, rows.runs - rowsBefore.runs - asked.runs) +
    Math.max(0, rows.completions - rowsBefore.completions - asked.completions);
  const answered = told.length - lost.length - wrong.length;
  return {
    asked: told.length,
    answered,
    lost,
    wrong,
    doubled,
    losses: await lossesOf(lab),
    repeated: await repeatedOf(lab),
  };
}

function count(told: readonly { kind: Kind }[], kind: Kind): number {
  return told.filter((one) => one.kind === kind).length;
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
