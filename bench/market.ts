/** Plays one load on one pool under three rules of routing, each as it stands and with our failover: completion, latency, earnings. */
import { machinesOf, requestsOf } from "./market/pool.ts";
import type { Machine } from "./market/pool.ts";
import { ours, randomExecutor, runningByMeanTime } from "./market/rules.ts";
import type { Rule } from "./market/rules.ts";
import { simulate } from "./market/simulate.ts";
import type { Outcome, Recovery } from "./market/simulate.ts";

const SEED = 16;
/** A closed socket is seen at once, a silent one within seconds; the answer goes on after its last token. */
const FAILOVER: Recovery = { noticedMs: 1_000, continues: true };
/** As their users publish it: nobody tells the client, who waits, and begins again. */
const COCOON: Recovery = { noticedMs: 114_000, continues: false };
/** Nothing is published but that answers are missed: taken as noticed at once, in its favour. */
const GONKA: Recovery = { noticedMs: 0, continues: false };

export function measureMarket(): Promise<string[]> {
  const machines = machinesOf(SEED);
  const play = (rule: Rule, recovery: Recovery) => simulate({ machines, requests: requestsOf(SEED) }, rule, recovery);
  const starai = play(ours(SEED), FAILOVER);
  const cocoon = { stands: play(runningByMeanTime(SEED), COCOON), moved: play(runningByMeanTime(SEED), FAILOVER) };
  const gonka = { stands: play(randomExecutor(SEED), GONKA), moved: play(randomExecutor(SEED), FAILOVER) };
  const bestP95 = Math.min(p95(cocoon.stands), p95(gonka.stands));
  return Promise.resolve([
    `Simulated time, seed ${SEED}: ${machines.length} machines of two slots that finish 72 to 99 % of what they begin, write 10 to 60 tokens a second and ask 80, 100 or 125 % of the list's price, each independent of the others; of its speed a machine says a quarter to four times, and our rule begins with what it says and learns as the server does (\`server/src/pool/pace.ts\`); ${starai.asked} requests of 50 to 250 tokens, five a second at random times. A request is tried at most four times under every rule; a try's luck is the request's own, so that no rule has better luck. Neither of the two rules has a try after the first where it comes from: what they complete as they stand is what their clients' patience adds, and "at the first try" what they would without it.`,
    "",
    "| rule | at the first try | complete | p50 | p95 |",
    "|---|---:|---:|---:|---:|",
    row("StarAI: finish × ask ÷ reliability, failover", starai),
    row("running × mean time (Cocoon), as it stands: 114 s until the client begins again", cocoon.stands),
    row("running × mean time, with our failover", cocoon.moved),
    row("random executor (Gonka), as it stands: the client begins again at once", gonka.stands),
    row("random executor, with our failover", gonka.moved),
    "",
    `Target: at least 99.9 % complete: ${verdict(share(starai) >= 0.999)}. p95 at most half of either as it stands (${seconds(bestP95 / 2)}): ${verdict(p95(starai) <= bestP95 / 2)}.`,
    "",
    "What a machine earns, as a share of the mean of all machines (tokens delivered × ask):",
    "",
    "| machines | StarAI | running × mean time, failover | random executor, failover |",
    "|---|---:|---:|---:|",
    ...groupsOf(machines).map(([name, members]) => {
      const cells = [starai, cocoon.moved, gonka.moved].map((outcome) => meanShare(outcome, members).toFixed(2));
      return `| ${[name, ...cells].join(" | ")} |`;
    }),
  ]);
}

function row(name: string, outcome: Outcome): string {
  const shares = [percent(outcome.atOnce / outcome.asked), percent(share(outcome))];
  const cells = [...shares, seconds(quantile(outcome, 0.5)), seconds(p95(outcome))];
  return `| ${[name, ...cells].join(" | ")} |`;
}

const percent = (part: number) => `${(part * 100).toFixed(2)} %`;
const share = ({ completed, asked }: Outcome) => completed / asked;
const p95 = (outcome: Outcome) => quantile(outcome, 0.95);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const verdict = (isMet: boolean) => (isMet ? "met" : "missed");

function quantile({ latenciesMs }: Outcome, part: number): number {
  return latenciesMs[Math.floor(part * latenciesMs.length)]!;
}

function groupsOf(machines: readonly Machine[]): [string, Machine[]][] {
  const third = (of: (machine: Machine) => number, at: number) => {
    const sorted = machines.toSorted((one, other) => of(one) - of(other));
    return sorted.slice((at * sorted.length) / 3, ((at + 1) * sorted.length) / 3);
  };
  return [
    ...[80, 100, 125].map((ask): [string, Machine[]] => [`ask ${ask} %`, machines.filter((one) => one.ask === ask)]),
    ["least reliable third", third((one) => one.reliability, 0)],
    ["most reliable third", third((one) => one.reliability, 2)],
    ["slowest third", third((one) => one.decodeTokensPerS, 0)],
    ["fastest third", third((one) => one.decodeTokensPerS, 2)],
    ["third that says least of its speed", third((one) => one.claimFactor, 0)],
    ["third that says most of its speed", third((one) => one.claimFactor, 2)],
  ];
}

function meanShare({ earned }: Outcome, members: readonly Machine[]): number {
  const all = [...earned.values()];
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
  return members.reduce((sum, { id }) => sum + earned.get(id)!, 0) / members.length / mean;
}
