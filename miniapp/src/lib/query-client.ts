/** The cache of the server's answers and its keys. Nothing else holds server state. */
import { QueryClient } from "@tanstack/react-query";

/** Data is kept this long after its last use, so that going back shows the screen at once. */
const KEPT_MS = 10 * 60_000;
/** The feed of changes reports stale data; this only covers changes it may have missed. */
const FRESH_MS = 30_000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        gcTime: KEPT_MS,
        staleTime: FRESH_MS,
        // Each call retries by itself for a few seconds (lib/api.ts); then the screen shows the failure.
        retry: false,
        // Offline, a screen says so at once, and loads when the network is back.
        networkMode: "always",
        refetchOnReconnect: true,
      },
      // The outbox resends messages under one external id; other changes are repeated by the person.
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** Query keys, by what they hold. A key that is a beginning of another invalidates it too. */
export const keys = {
  about: ["about"],
  profile: ["profile"],
  models: ["models"],
  threads: ["threads"],
  threadList: (search: string, archived: boolean) => ["threads", search, archived],
  anyThread: ["thread"],
  thread: (id: string) => ["thread", id],
  /** Under the chat's own key, so that both become stale together. */
  share: (id: string) => ["thread", id, "share"],
  run: (id: string) => ["run", id],
  pool: ["pool"],
  poolNow: ["pool", "now"],
  poolHistory: ["pool", "history"],
  poolPay: ["pool", "pay"],
  /** A contributor's machines; what an answer does for their pay is not told by the feed. */
  machines: ["machines"],
  /** What stands behind them, as the chain shows it. */
  stake: ["machines", "stake"],
  machineRecord: (worker: string) => ["machines", "record", worker],
  slashEvidence: (id: string) => ["machines", "evidence", id],
  money: ["money"],
  moneyNow: ["money", "now"],
  moneyHistory: ["money", "history"],
  /** Coins on TON. */
  chain: ["money", "chain"],
  /** Their self-custody: each answer changes what is to be signed. */
  escrow: ["money", "escrow"],
  /** The person's API keys; what they spent is money. */
  apiKeys: ["money", "keys"],
  receipt: (id: string) => ["receipt", id],
} as const;
