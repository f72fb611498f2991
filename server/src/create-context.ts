/** Builds the contexts from the bottom up: each part is made of the finished rung beneath it. */
import { loadCatalogue } from "@starai/protocol/catalogue";
import type { Base } from "./base.ts";
import type { AppContext } from "./context.ts";
import type { AgentContext } from "./agent/context.ts";
import { RunManager } from "./agent/run-manager.ts";
import { ChangeFeed } from "./changes/change-feed.ts";
import { AnswerForms } from "./gateway/answer-forms.ts";
import { Events } from "./events/events.ts";
import { FormFollower } from "./grammar/form-follower.ts";
import { Health } from "./health.ts";
import type { JobContext } from "./jobs/context.ts";
import { JobQueue } from "./jobs/job-queue.ts";
import { submitJob } from "./jobs/submit-job.ts";
import type { PoolContext } from "./pool/context.ts";
import { WorkerRegistry } from "./pool/worker-registry.ts";
import { OpenStreams } from "./sessions/open-streams.ts";
import { Vocabularies } from "./vocabulary/vocabularies.ts";

export interface ContextParts extends Pick<Base, "config" | "log" | "db" | "pg"> {
  /** Open ones instead of the server's own; who opened them closes them (tests). */
  vocabularies?: Vocabularies;
}

export function createContext({ vocabularies, ...parts }: ContextParts): AppContext {
  const { config, log } = parts;
  const catalogue = loadCatalogue(config.extraModels);
  const time = { clock: Date.now, monotonic: () => performance.now(), random: Math.random };
  const events = new Events(log);
  const base: Base = { ...parts, ...time, events, health: new Health(events), catalogue };
  const pool: PoolContext = {
    ...base,
    vocabularies: vocabularies ?? new Vocabularies(catalogue, config.modelsFolder, events),
    follower: new FormFollower(log),
    registry: new WorkerRegistry(base),
  };
  const jobs: JobContext = { ...pool, queue: new JobQueue(pool) };
  const agent: AgentContext = { ...pool, changes: new ChangeFeed() };
  const runs = new RunManager(agent, (input) => submitJob(jobs, input));
  return Object.freeze({ ...jobs, ...agent, runs, forms: new AnswerForms(), streams: new OpenStreams() });
}
