/** The worker's command line: the only reader of its settings. */
import { pino } from "pino";
import type { Logger } from "pino";
import { logOptions } from "@starai/protocol/log-options";
import { readCommandLine } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { audit } from "./commands/audit.ts";
import { claim } from "./commands/claim.ts";
import { inspect } from "./commands/inspect.ts";
import { notes } from "./commands/notes.ts";
import { pair, unpair } from "./commands/pair.ts";
import { pull } from "./commands/pull.ts";
import { pullEngine } from "./commands/pull-engine.ts";
import { service } from "./commands/service.ts";
import { start } from "./commands/start.ts";
import type { OwnerScreen } from "./commands/start.ts";
import { readConfig } from "./config.ts";
import type { WorkerConfig } from "./config.ts";
import { unusedHome } from "./control.ts";
import { installCudaBinaries } from "./gpu-binaries.ts";
import { help } from "./help.ts";
import { TerminalLines } from "./terminal-lines.ts";
import { LiveView } from "./view/live-view.ts";

async function main(): Promise<void> {
  const line = readCommandLine(process.argv.slice(2));
  if (line.command === "help") return void process.stdout.write(help());
  const config = readConfig(process.env, textsOf(line));
  // A terminal gets words for a person instead of JSON, unless a log level is set.
  const isForPeople = process.stderr.isTTY && !process.env.STARAI_LOG_LEVEL;
  const logger = pino(logOptions(isForPeople ? "silent" : config.logLevel), pino.destination({ fd: 2, sync: true }));
  await run(line, { config, logger, isForPeople });
}

/** The options that have a value; which a command takes, readCommandLine has seen to. */
function textsOf({ options }: CommandLine): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

interface Parts {
  config: WorkerConfig;
  logger: Logger;
  isForPeople: boolean;
}

async function run({ command, words, options }: CommandLine, { config, logger, isForPeople }: Parts): Promise<void> {
  const out = process.stdout;
  switch (command) {
    case "start":
      // The wallet is in `config`: engines and pip, which inherit the environment, have no use for it.
      delete process.env.TON_MNEMONIC;
      delete process.env.STARAI_OWNER_CODE;
      return await start(
        options["another"] === true ? { ...config, home: await unusedHome(config.home) } : config,
        logger,
        isForPeople ? screenOf(process.env) : null,
      );
    case "inspect":
      return await inspect(config, out, pino({ level: "silent" }));
    case "pull":
      return await pull(words, config, out, logger);
    case "pull-engine":
      return await pullEngine(words, config, out);
    case "gpu":
      return await installCudaBinaries((text) => out.write(`${text}\n`));
    case "pair":
      return await pair(config, out);
    case "unpair":
      return await unpair(config, out);
    case "notes":
      return await notes(config, out);
    case "audit":
      process.exitCode = (await audit(config, out)) ? 0 : 1;
      return;
    case "claim":
      return await claim(config, claimOptionsOf(options), { out, env: process.env });
    case "service":
      return await service(words, config, { out, env: process.env });
    case "help":
      return;
    default:
      command satisfies never;
  }
}

/** A live view where the cursor can be moved, lines elsewhere. */
function screenOf(env: Readonly<Record<string, string | undefined>>): OwnerScreen {
  if (env.TERM === "dumb") return new TerminalLines(process.stderr);
  return new LiveView(process.stderr, { colour: !env.NO_COLOR });
}

/** What `npm run ton -- claim` takes itself is passed on. */
function claimOptionsOf(options: CommandLine["options"]) {
  const { owner, file } = options;
  const chain = Object.entries(options).filter(([name]) => !["owner", "file", "pool", "home"].includes(name));
  const words = chain.map(([name, value]) => (value === true ? `--${name}` : `--${name}=${String(value)}`));
  return {
    owner: typeof owner === "string" ? owner : undefined,
    file: typeof file === "string" ? file : undefined,
    chain: words,
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
