/** Builds the contexts from the bottom up: each part is made of the finished rung beneath it. */
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { Base } from "./base.ts";
import type { AppContext } from "./context.ts";
import type { MoneyContext } from "./billing/context.ts";
import { CreditSignal } from "./billing/credit-signal.ts";
import { SettingsStore } from "./billing/money-settings.ts";
import type { MoneySettings } from "./billing/money-settings.ts";
import type { AgentContext } from "./agent/context.ts";
import { RunManager } from "./agent/run-manager.ts";
import { ChainDoor } from "./chain/chain-door.ts";
import { ChangeFeed } from "./changes/change-feed.ts";
import { ClaimProofs } from "./earnings/claim-proofs.ts";
import { AnswerForms } from "./gateway/answer-forms.ts";
import { ApiKeyCheck } from "./gateway/api-keys.ts";
import type { ContributorContext } from "./contributors/context.ts";
import { OwnerCodes } from "./contributors/owner-codes.ts";
import { WrongCodes } from "./contributors/wrong-codes.ts";
import { Events } from "./events/events.ts";
import { FormFollower } from "./grammar/form-follower.ts";
import { Health } from "./health.ts";
import type { JobContext } from "./jobs/context.ts";
import { JobQueue } from "./jobs/job-queue.ts";
import { submitJob } from "./jobs/submit-job.ts";
import type { PoolContext } from "./pool/context.ts";
import { GroupBook } from "./pool/groups/group-book.ts";
import { NoteSender } from "./pool/note-sender.ts";
import { TunnelBook } from "./pool/tunnels/tunnel-book.ts";
import { WorkerRegistry } from "./pool/worker-registry.ts";
import { Ledger } from "./ledger/ledger.ts";
import { RateBook } from "./rates/rate-book.ts";
import { ReceiptSigner } from "./receipts/receipt-signer.ts";
import { OpenStreams } from "./sessions/open-streams.ts";
import { openTelegram } from "./stars/telegram.ts";
import type { StarsApi } from "./stars/telegram.ts";
import { Vocabularies } from "./vocabulary/vocabularies.ts";

export interface ContextParts extends Pick<Base, "config" | "log" | "db" | "pg"> {
  /** Open ones instead of the server's own; who opened them closes them (tests). */
  vocabularies?: Vocabularies;
  /** The key of this house; without it a new one that nobody knows (tests). */
  signer?: ReceiptSigner;
  /** In place of the configured Bot API, e.g. one in this process. */
  telegram?: StarsApi;
  /** The house's defaults for money, where they are not the code's. */
  money?: MoneySettings;
  /** Nothing new is paid for until somebody verified the books: a server's watchLedger does. Without it they count as right (tests). */
  unverified?: boolean;
}

export function createContext({
  vocabularies,
  signer,
  money,
  telegram,
  unverified = false,
  ...parts
}: ContextParts): AppContext {
  const { config, log } = parts;
  const catalogue = loadCatalogue(config.extraModels);
  const time = { clock: Date.now, monotonic: () => performance.now(), random: Math.random };
  const events = new Events(log);
  const base: Base = { ...parts, ...time, events, health: new Health(events), catalogue };
  const moneyContext: MoneyContext = {
    ...base,
    ledger: new Ledger(base.pg.options, { halted: unverified }),
    settings: new SettingsStore(base, money),
    rates: new RateBook(base),
    signer: signer ?? new ReceiptSigner(),
    credited: new CreditSignal(),
  };
  const ton = new ChainDoor();
  const contributors: ContributorContext = {
    ...moneyContext,
    ton,
    changes: new ChangeFeed(),
    wrongCodes: new WrongCodes(base),
    ownerCodes: new OwnerCodes(base),
  };
  const machines = {
    ...contributors,
    vocabularies: vocabularies ?? new Vocabularies(catalogue, config.modelsFolder, events),
    follower: new FormFollower(log),
    registry: new WorkerRegistry({ ...base, hasChain: () => config.ton !== null || ton.chain !== null }),
    notes: new NoteSender(moneyContext),
    tunnels: new TunnelBook(),
  };
  const pool: PoolContext = { ...machines, groups: new GroupBook(machines) };
  const jobs: JobContext = { ...pool, queue: new JobQueue(pool) };
  const agent: AgentContext = pool;
  const runs = new RunManager(agent, (input, done) => submitJob(jobs, input, done));
  const top = {
    runs,
    forms: new AnswerForms(),
    apiKeys: new ApiKeyCheck(base),
    streams: new OpenStreams(),
    telegram: telegram ?? openTelegram(config),
    proofs: new ClaimProofs(base),
  };
  return Object.freeze({ ...jobs, ...agent, ...top });
}
