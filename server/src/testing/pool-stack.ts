/** A pool for tests: real database, real queue, real socket; the workers are scripted. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { pino } from "pino";
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { modelsFolder } from "@starai/protocol/cache-folder";
import type { ServedModel } from "@starai/protocol/worker-frames";
import { LIMITS, readConfig } from "../config.ts";
import type { Config } from "../config.ts";
import { Events } from "../events/events.ts";
import type { AppContext } from "../context.ts";
import { createContext } from "../create-context.ts";
import { createTestDatabase } from "./database.ts";
import type { JobInput } from "../jobs/job.ts";
import { Vocabularies } from "../vocabulary/vocabularies.ts";
import { attachPoolSocket } from "../pool/pool-socket.ts";
import { ScriptedWorker } from "./scripted-worker.ts";
import type { newKeys } from "./scripted-worker.ts";

const silent = pino({ level: "silent" });
const catalogue = loadCatalogue();

/** Leaves the leases as a crash does: a server that dies cannot put its jobs back into the queue. */
const LEFT_BY_A_CRASH = `
  update jobs set state = 'leased', worker_id = 'gone', lease_expires_at = now() + interval '30 s'
  where state = 'queued' and fence > 0`;

export interface PoolStack extends AsyncDisposable {
  readonly ctx: AppContext;
  readonly url: string;
  /** Makes a worker that serves the plumbing model and lets it join. */
  worker(name: string, says?: WorkerSays, keys?: ReturnType<typeof newKeys>): Promise<ScriptedWorker>;
  /** Stops the server and starts another on the same database; `crashed` leaves the rows as kill -9 does. */
  restart(how: "stopped" | "crashed"): Promise<void>;
}

/** What a worker says of its model, and what it asks. */
export type WorkerSays = Partial<ServedModel> & Pick<Partial<ScriptedWorker>, "askPercent" | "notes">;

export type StackLimits = { -readonly [Name in keyof Config["limits"]]?: number };

/** @param vocabularies shared, because their processes take seconds to start */
export async function openPoolStack(vocabularies: Vocabularies, limits: StackLimits = {}): Promise<PoolStack> {
  const database = await createTestDatabase();
  const workers: ScriptedWorker[] = [];
  const open = () => openServer({ db: database.db, pg: database.pg, vocabularies, limits });
  let server = await open();
  return {
    get ctx() {
      return server.ctx;
    },
    get url() {
      return server.url;
    },
    worker: async (name, { askPercent, notes, ...served } = {}, keys) => {
      const worker = new ScriptedWorker(name, [plumbingModel(served)], keys);
      Object.assign(worker, { askPercent, notes });
      workers.push(worker);
      await worker.join(server.url);
      return worker;
    },
    restart: async (how) => {
      await server.close();
      if (how === "crashed") await database.pg.query(LEFT_BY_A_CRASH);
      server = await open();
    },
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) worker.kill();
      await server.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Of one file, which may close them or end their processes. */
export function ownVocabularies(): Vocabularies {
  return new Vocabularies(catalogue, modelsFolder(process.env, os.homedir()), new Events(silent));
}

/** Lent to every file of this process: their two children take six seconds of a core to start, and end with it. */
class LentVocabularies extends Vocabularies {
  override async [Symbol.asyncDispose](): Promise<void> {}
}

let lent: Vocabularies | undefined;

export function testVocabularies(): Vocabularies {
  lent ??= new LentVocabularies(catalogue, modelsFolder(process.env, os.homedir()), new Events(silent));
  return lent;
}

async function openServer(parts: Pick<AppContext, "db" | "pg" | "vocabularies"> & { limits: StackLimits }) {
  const nowhere = readConfig({ STARAI_HOME: "/nowhere", STARAI_MODELS: "/nowhere", STARAI_BOT_KEY: "0".repeat(32) });
  const limits = { ...LIMITS, ...parts.limits } as Config["limits"];
  const { db, pg, vocabularies } = parts;
  const ctx = { ...createContext({ config: { ...nowhere, limits }, log: silent, db, pg, vocabularies }) };
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const detach = attachPoolSocket(ctx, { http: server, leases: ctx.queue });
  await ctx.queue.start();
  return {
    ctx,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await ctx.queue.shutdown();
      await detach();
      await ctx.follower[Symbol.asyncDispose]();
      await ctx.forms[Symbol.asyncDispose]();
      server.close();
    },
  };
}

export function plumbingModel(over: Partial<ServedModel> = {}): ServedModel {
  const { id, sha256 } = catalogue.get(PLUMBING_MODEL)!;
  return {
    id,
    sha256,
    engine: "scripted",
    contextTokens: 2_048,
    kvType: "f16",
    constraint: "gbnf",
    tokenIds: true,
    slots: 1,
    prefillTokensPerS: 1_000,
    decodeTokensPerS: 100,
    ...over,
  };
}

let asked = 0;

export function jobInput(over: Partial<JobInput> = {}): Required<JobInput> {
  asked++;
  return {
    key: `test:${asked}`,
    owner: "person:one",
    model: PLUMBING_MODEL,
    turns: [{ role: "user", content: "Say something." }],
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 1 },
    maxTokens: 64,
    stop: [],
    cacheKey: `run:${asked}`,
    deadlineMs: 60_000,
    bill: null,
    isFree: false,
    isPaid: false,
    person: null,
    askPercentMax: 100,
    ...over,
  };
}
