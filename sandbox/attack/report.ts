/** What became of attacks, as the table people read. */
import type { Outcome } from "./wage.ts";

export const TABLE_HEAD = [
  "| finding | attack | what was tried | people asked | answered by the honest machine | failed | added time, median / worst | worst event-loop lag | held |",
  "|---|---|---|---|---|---|---|---|---|",
].join("\n");

export function rowOf(outcome: Outcome): string {
  const { finding, name, tried, asked, honest, failed, addedMs, addedWorstMs, lagMs, held } = outcome;
  const share = asked === 0 ? "–" : `${Math.round((100 * failed) / asked)} %`;
  const added = `${seconds(addedMs)} / ${seconds(addedWorstMs)}`;
  const lag = lagMs === 0 ? "–" : `${Math.round(lagMs)} ms`;
  return `| ${[finding, name, tried, asked, honest, share, added, lag, held].join(" | ")} |`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
