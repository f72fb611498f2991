/** The results of attacks and campaigns as text. */
import type { CampaignReport } from "./campaign.ts";
import type { Outcome } from "./wage.ts";

export const TABLE_HEAD = [
  "| finding | attack | what was tried | leases to strangers | people asked | answered by the honest machine | failed | added time, median / worst | worst event-loop lag | held |",
  "|---|---|---|---|---|---|---|---|---|---|",
].join("\n");

export function rowOf(outcome: Outcome): string {
  const { finding, name, tried, leases, asked, honest, failed, addedMs, addedWorstMs, lagMs, held } = outcome;
  const share = asked === 0 ? "–" : `${Math.round((100 * failed) / asked)} %`;
  const added = `${seconds(addedMs)} / ${seconds(addedWorstMs)}`;
  const lag = lagMs === 0 ? "–" : `${Math.round(lagMs)} ms`;
  return `| ${[finding, name, tried, leases || "–", asked, honest, share, added, lag, held].join(" | ")} |`;
}

/** Heap growth that counts as a leak over thousands of jobs; caches that fill up stay below it. */
const HEAP_GROWTH_BYTES_MAX = 48 * 1024 * 1024;

/** Allowed share: both honest machines may be away for a moment, and a restarted server forgets who lost a job. */
const REPEATED_SHARE_MAX = 0.01;
/** Always allowed, since one such moment exceeds the share of a short campaign: up to 8 of 150 seen, 53 unprotected. */
const REPEATED_FEW = 15;

/** The campaign's faults; empty when it was held. */
export function faultsOf(report: CampaignReport): string[] {
  const growth = report.heapEndBytes - report.heapQuarterBytes;
  return [
    ...report.lost.map((why) => `lost: ${why}`),
    ...report.wrong.map((what) => `wrong: ${what}`),
    ...(report.doubled > 0 ? [`doubled: ${report.doubled}`] : []),
    ...(report.repeated > Math.max(REPEATED_FEW, report.asked * REPEATED_SHARE_MAX)
      ? [`given again to whoever lost it: ${report.repeated}`]
      : []),
    ...(report.left > 0 ? [`left unfinished: ${report.left}`] : []),
    ...(growth > HEAP_GROWTH_BYTES_MAX ? [`the heap grew by ${megabytes(growth)}`] : []),
  ];
}

export function campaignLines(report: CampaignReport): string[] {
  const losses = [...report.losses].map(([end, times]) => `${times} × ${end}`).join(", ");
  return [
    `${report.asked} questions in ${report.seconds.toFixed(0)} s: ${report.answered} answered with their words, ${report.lost.length} lost, ${report.wrong.length} with other words, ${report.doubled} doubled, ${report.left} left unfinished`,
    `heap after collection: ${megabytes(report.heapQuarterBytes)} at a quarter, ${megabytes(report.heapEndBytes)} at the end`,
    `leases lost: ${losses}; given again to whoever lost the job: ${report.repeated}`,
    ...faultsOf(report).slice(0, 20),
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
