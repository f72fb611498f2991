/** `npm run server`: the production server, set up by its environment (.env.example describes it). */
import os from "node:os";
import { pino } from "pino";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { endOnFault } from "@starai/protocol/end-on-fault";
import { logOptions } from "@starai/protocol/log-options";
import { settingsOr, startFault } from "@starai/protocol/start-fault";
import { readConfig } from "./config.ts";
import { lockDataFolder } from "./db/data-folder-lock.ts";
import { startServer } from "./start.ts";

/** After a fault, closing waits only for writes under way. */
const FAULT_DRAIN_MS = 1_000;

const config = settingsOr(endWith, () =>
  readConfig({ STARAI_MODELS: modelsFolder(process.env, os.homedir()), ...process.env }),
);
const log = pino(logOptions(config.logLevel));
const lock = config.databaseUrl === null ? await lockDataFolder(config.home).catch(failed) : null;
const server = await startServer(config, { log, lost: failed }).catch(failed);
log.info({ url: server.url }, "the server is ready");

const close = (drainMs?: number) => server.close(drainMs).then(() => lock?.[Symbol.asyncDispose]());
endOnFault(process, { log, close: () => close(FAULT_DRAIN_MS) });

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info("stopping: new work is refused, streams get time to end; a second signal stops at once");
    void close().then(() => process.exit(0));
  });

/** Logs why the server cannot go on, and exits with a code that shows its supervisor that the end was not meant. */
function failed(why: unknown): never {
  const { facts, words } = startFault(why);
  log.fatal(facts, words);
  process.exit(1);
}

function endWith(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(1);
}
