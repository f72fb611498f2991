/** `worker audit`: whether what the pool published agrees with what it signed for this machine. */
import type { WorkerConfig } from "../config.ts";
import { audit as findingsOf } from "../earnings/audit.ts";
import type { Finding } from "../earnings/audit.ts";
import { apiBaseOf } from "../pool-address.ts";
import type { Output } from "./pull.ts";

const MARKS = { good: "yes    ", unknown: "?      ", warning: "WARNING" } as const satisfies Record<
  Finding["kind"],
  string
>;

/** True when nothing is wrong that could be compared. */
export async function audit(config: WorkerConfig, out: Output): Promise<boolean> {
  const findings = await findingsOf(config.home, apiBaseOf(config.poolUrl), { rebuilds: true });
  for (const { kind, text } of findings) out.write(`${MARKS[kind]}  ${text}\n`);
  return findings.every(({ kind }) => kind !== "warning");
}
