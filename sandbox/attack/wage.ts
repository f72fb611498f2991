/** Runs one attack while people ask, and judges the outcome. */
import type { WorkerAttack } from "./behaviours.ts";
import { QUICK_MS, SLOW_MS } from "./honest-worker.ts";
import { HostileWorker } from "./hostile-worker.ts";
import type { Lab } from "./lab.ts";
import type { Kind, Reply } from "./people.ts";
import { served } from "./served-models.ts";

export type Held = "yes" | "no" | "not yet";

export interface Outcome {
  finding: string;
  name: string;
  tried: string;
  /** Leases given to strangers; a worker attack without a lease has not taken place. */
  leases: number;
  asked: number;
  /** People who got exactly the answer of the undisturbed run, which is the honest machine's. */
  honest: number;
  failed: number;
  /** Median and worst waiting time in excess of the undisturbed run, ms. */
  addedMs: number;
  addedWorstMs: number;
  /** Highest event-loop delay of the server, ms. */
  lagMs: number;
  held: Held;
  /** Reasons why the attack was not held, as sentences. */
  faults: string[];
}

export interface Attack {
  name: string;
  finding: string;
  tried: string;
  asks: Kind;
  expects: "honest" | "an end" | "not yet";
  long?: boolean;
  /** Whether strangers' machines attack by what they do with leases. */
  isStrangers?: true;
  /** Whether people retry while the server is away for a moment. */
  patient?: boolean;
  /** Limits where the finding is about waiting: highest event-loop delay and added answer time, ms. */
  lagMsMax?: number;
  addedMsMax?: number;
  /** The attack hits answers midway, so the honest machine writes slowly. */
  midst?: boolean;
  /** The attack blocks the event loop itself, so its delay is not measured. */
  freezes?: boolean;
  /**
   * Attacks while people ask; `people` resolves when all have been answered, and may be called again. Returns the
   * faults: what the attack achieved and should not have.
   */
  run(lab: Lab, people: () => Promise<unknown>): Promise<string[] | Waged>;
}

export interface Waged {
  faults: string[];
  leases: number;
}

export async function wage(attack: Attack, lab: Lab): Promise<Outcome> {
  lab.honest.frameMs = attack.midst ? SLOW_MS : QUICK_MS;
  const baseline = await lab.undisturbed(attack.asks);
  await lab.server.lagMs();
  const replies: Reply[] = [];
  const waged = await attack
    .run(lab, async () => void replies.push(...(await lab.ask(attack.asks, { patient: attack.patient ?? false }))))
    .catch((error: unknown) => [`the attack could not be completed: ${String(error)}`]);
  const { faults, leases } = Array.isArray(waged) ? { faults: waged, leases: 0 } : waged;
  if (!lab.server.isAlive) {
    faults.push(`the server's process ended: ${lab.server.printed.slice(0, 1_000)}`);
    await lab.restart("crashed");
  }
  const lagMs = attack.freezes ? 0 : await lab.server.lagMs();
  if (attack.lagMsMax !== undefined && lagMs > attack.lagMsMax)
    faults.push(`the event loop was delayed by ${Math.round(lagMs)} ms`);
  if (!(await lab.isServing())) {
    faults.push("the server stopped serving; it was restarted");
    await lab.restart("crashed");
  }
  const left = await lab.runsLeft();
  if (left > 0) faults.push(`${left} runs never ended`);
  return judge(attack, { baseline, replies, lagMs, faults, leases });
}

function judge(
  { name, finding, tried, expects, addedMsMax = Infinity }: Attack,
  {
    baseline,
    replies,
    lagMs,
    faults,
    leases,
  }: { baseline: Reply[]; replies: Reply[]; lagMs: number; faults: string[]; leases: number },
): Outcome {
  const honest = replies.filter((one, at) => isSame(one, baseline[at % baseline.length])).length;
  const failures = replies.flatMap((one) => (one.kind === "failure" ? [one.why] : []));
  const others = replies.length - honest - failures.length;
  const addedWorstMs = Math.max(0, ...replies.map(({ ms }) => ms)) - Math.max(...baseline.map(({ ms }) => ms));
  if (addedWorstMs > addedMsMax) faults.push(`somebody waited ${Math.round(addedWorstMs)} ms longer`);
  if (replies.length < baseline.length) faults.push(`${baseline.length - replies.length} people got no answer`);
  const unmet = [
    ...faults,
    ...counted(failures).map((why) => `failed: ${why}`),
    ...(others > 0 && expects === "honest" ? [`${others} got an answer that is not the honest machine's`] : []),
  ];
  const allHonest = unmet.length === 0 && honest === replies.length && replies.length > 0;
  const held =
    allHonest || (expects === "an end" && faults.length === 0) ? "yes" : expects === "not yet" ? "not yet" : "no";
  return {
    finding,
    name,
    tried,
    leases,
    asked: Math.max(baseline.length, replies.length),
    honest,
    failed: failures.length,
    addedMs: median(replies) - median(baseline),
    addedWorstMs,
    lagMs,
    held,
    faults: held === "yes" ? [] : unmet,
  };
}

function isSame(one: Reply, other: Reply | undefined): boolean {
  return one.kind === "answer" && other?.kind === "answer" && one.text === other.text;
}

/** Each reason once, with its count. */
function counted(reasons: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} × ${reason.slice(0, 160)}`);
}

function median(replies: readonly Reply[]): number {
  const sorted = replies.map(({ ms }) => ms).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** An attack by `count` strangers' machines of one behaviour beside the honest one. */
export function beside(attack: WorkerAttack, count: number): Attack {
  return {
    ...attack,
    isStrangers: true,
    name: count === 1 ? attack.name : `${attack.name} × ${count}`,
    run: async (lab, people) => {
      const machines = Array.from({ length: count }, (_, index) => stranger(attack, lab, index));
      try {
        await Promise.all(machines.map((machine) => machine.join(lab.url).catch(() => undefined)));
        await people();
      } finally {
        for (const machine of machines) machine.leave();
      }
      return { faults: [], leases: machines.reduce((sum, machine) => sum + machine.leases, 0) };
    },
  };
}

function stranger(attack: WorkerAttack, lab: Lab, index: number): HostileWorker {
  return new HostileWorker({
    name: `stranger-${index}`,
    models: [served(attack.claims)],
    behaviour: attack.behaviour,
    ids: lab.ids,
    ...(attack.freshKeys ? { freshKeys: true } : {}),
    ...addressOf(index),
  });
}

/** A loopback address per stranger. On Linux all of 127.0.0.0/8 is this machine; elsewhere they share one address. */
export function addressOf(index: number): { from?: string } {
  return process.platform === "linux" ? { from: `127.${1 + (index % 250)}.${1 + Math.floor(index / 250)}.1` } : {};
}
