/** The sandbox's chain as a deployment sees it: who has its roles, and what time it is there. */
import type { Variables } from "./deploy-settings.ts";

export interface SandboxChain {
  readonly endpoint: string;
  /** Addresses of the chain's own roles, by variable. */
  readonly roles: Variables;
  /** ms since 1970. Its clock may have been moved ahead; it refuses a signature dated by this machine's clock (exit 136). */
  readonly now: () => number;
}

/** The first contact opens the chain, which takes seconds. */
const ANSWER_MS_MAX = 15_000;

/** The first of the endpoints at which a sandbox chain answers; null when none does. */
export async function findSandbox(endpoints: readonly string[]): Promise<SandboxChain | null> {
  for (const endpoint of endpoints) {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const overview = await fetch(new URL("/ton/explorer/overview", endpoint), { signal })
      .then((answer) => (answer.ok ? (answer.json() as Promise<Partial<Overview>>) : null))
      .catch(() => null);
    if (overview?.nowS && overview.known) return chainOf(endpoint, overview as Overview);
  }
  return null;
}

interface Overview {
  readonly nowS: number;
  readonly known: readonly { readonly name: string; readonly address: string }[];
}

function chainOf(endpoint: string, { nowS, known }: Overview): SandboxChain {
  const addressOf = (role: string) => known.find(({ name }) => name === role)?.address;
  const ahead = nowS * 1_000 - Date.now();
  return {
    endpoint,
    roles: {
      PUBLISHER: addressOf("publisher"),
      GUARDIAN: addressOf("guardian"),
      TREASURY: addressOf("treasury"),
      HOT_WALLET: addressOf("operator"),
    },
    now: () => Date.now() + ahead,
  };
}
