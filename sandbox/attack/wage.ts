/** Wages one attack beside people who ask, and says what became of them. */
import type { WorkerAttack } from "./behaviours.ts";
import { QUICK_MS, SLOW_MS } from "./honest-worker.ts";
import { HostileWorker } from "./hostile-worker.ts";
import type { Lab } from "./lab.ts";
import type { Kind, Told } from "./people.ts";
import { served } from "./served-models.ts";

export type Held = "yes" | "no" | "not yet";

export interface Outcome {
  finding: string;
  name: string;
  tried: string;
  /** Leases strangers were given: an attack nobody gave a lease was not waged. */
  leases: number;
  asked: number;
  /** With the very words of the undisturbed run, which are the honest machine's. */
  honest: number;
  failed: number;
  /** Median and worst time of a person beside the undisturbed run; ms. */
  addedMs: number;
  addedWorstMs: number;
  /** The server's event loop at its latest; ms. */
  lagMs: number;
  held: Held;
  /** Why it was not held, in sentences. */
  faults: string[];
}

export interface Attack {
  name: string;
  finding: string;
  tried: string;
  asks: Kind;
  expects: "honest" | "an end" | "not yet";
  long?: boolean;
  /** Strangers' machines attack with what they do with leases. */
  isStrangers?: true;
  /** People ask again where a server is away for a moment. */
  patient?: boolean;
  /** Where the finding is that people wait: how late the loop and how late an answer may be at worst; ms. */
  lagMsMax?: number;
  addedMsMax?: number;
  /** It strikes in the midst of answers, which therefore take their time. */
  midst?: boolean;
  /** The loop is held up on purpose: its lateness says nothing. */
  freezes?: boolean;
  /**
   * Attacks for as long as people ask; `people` settles when they have been told, and may be called again. Answers what the attack got that it
   * should not have.
   */
  run(lab: Lab, people: () => Promise<unknown>): Promise<string[] | Waged>;
}

export interface Waged {
  faults: string[];
  leases: number;
}

export async function wage(attack: Attack, lab: Lab): Promise<Outcome> {
  lab.honest.frameMs = attack.midst ? SLOW_MS : QUICK_MS;
  const calm = await lab.undisturbed(attack.asks);
  await lab.server.lagMs();
  const told: Told[] = [];
  const waged = await attack
    .run(lab, async () => void told.push(...(await lab.ask(attack.asks, { patient: attack.patient ?? false }))))
    .catch((error: unknown) => [`the attack could not be waged to its end: ${String(error)}`]);
  const { faults, leases } = Array.isArray(waged) ? { faults: waged, leases: 0 } : waged;
  if (!lab.server.isAlive) {
    faults.push(`the server's process ended: ${lab.server.printed.slice(0, 1_000)}`);
    await lab.restart("crashed");
  }
  const lagMs = attack.freezes ? 0 : await lab.server.lagMs();
  if (attack.lagMsMax !== undefined && lagMs > attack.lagMsMax)
    faults.push(`the event loop was ${Math.round(lagMs)} ms late`);
  if (!(await lab.isServing())) {
    faults.push("the server did not serve any more; it was started again");
    await lab.restart("crashed");
  }
  const left = await lab.runsLeft();
  if (left > 0) faults.push(`${left} runs are left running`);
  return judge(attack, { calm, told, lagMs, faults, leases });
}

function judge(
  { name, finding, tried, expects, addedMsMax = Infinity }: Attack,
  {
    calm,
    told,
    lagMs,
    faults,
    leases,
  }: { calm: Told[]; told: Told[]; lagMs: number; faults: string[]; leases: number },
): Outcome {
  const honest = told.filter((one, at) => isSame(one, calm[at % calm.length])).length;
  const failures = told.flatMap((one) => (one.kind === "failure" ? [one.why] : []));
  const others = told.length - honest - failures.length;
  const addedWorstMs = Math.max(0, ...told.map(({ ms }) => ms)) - Math.max(...calm.map(({ ms }) => ms));
  if (addedWorstMs > addedMsMax) faults.push(`somebody waited ${Math.round(addedWorstMs)} ms longer`);
  if (told.length < calm.length) faults.push(`${calm.length - told.length} people were told nothing`);
  const unmet = [
    ...faults,
    ...counted(failures).map((why) => `told: ${why}`),
    ...(others > 0 && expects === "honest" ? [`${others} got words that are not the honest machine's`] : []),
  ];
  const allHonest = unmet.length === 0 && honest === told.length && told.length > 0;
  const held =
    allHonest || (expects === "an end" && faults.length === 0) ? "yes" : expects === "not yet" ? "not yet" : "no";
  return {
    finding,
    name,
    tried,
    leases,
    asked: Math.max(calm.length, told.length),
    honest,
    failed: failures.length,
    addedMs: median(told) - median(calm),
    addedWorstMs,
    lagMs,
    held,
    faults: held === "yes" ? [] : unmet,
  };
}

function isSame(one: Told, other: Told | undefined): boolean {
  return one.kind === "answer" && other?.kind === "answer" && one.text === other.text;
}

/** Each reason once, with how many heard it. */
function counted(reasons: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} × ${reason.slice(0, 160)}`);
}

function median(told: readonly Told[]): number {
  const sorted = told.map(({ ms }) => ms).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Strangers' machines of one behaviour, `count` of them, beside the honest one. */
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

/** On Linux every address of 127.0.0.0/8 is this machine, so strangers come from networks of their own. */
export function addressOf(index: number): { from?: string } {
  return process.platform === "linux" ? { from: `127.${1 + (index % 250)}.${1 + Math.floor(index / 250)}.1` } : {};
}
