/** `worker audit`: whether what the pool published agrees with what it signed for this machine. */
import type { WorkerConfig } from "../config.ts";
import { audit as findingsOf } from "../earnings/audit.ts";
import { ChainGuard } from "../earnings/chain-guard.ts";
import type { Finding } from "../earnings/finding.ts";
import { apiBaseOf } from "../pool-address.ts";
import type { Output } from "./pull.ts";

const MARKS = { good: "yes    ", unknown: "?      ", warning: "WARNING" } as const satisfies Record<
  Finding["kind"],
  string
>;

/** True when nothing is wrong that could be compared. */
export async function audit(config: WorkerConfig, out: Output): Promise<boolean> {
  const [home, base] = [config.home, apiBaseOf(config.poolUrl)];
  // A running worker is what pays for a challenge: this command only says how.
  const guard = new ChainGuard({ home, base, env: { ...config.chain, TON_MNEMONIC: undefined } });
  const findings = await findingsOf(home, base, { rebuilds: true, guard });
  for (const { kind, text } of findings) out.write(`${MARKS[kind]}  ${text}\n`);
  return findings.every(({ kind }) => kind !== "warning");
}
