/** The worker's command line: the only reader of its environment. */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { logOptions } from "@starai/protocol/log-options";
import { inspect } from "./commands/inspect.ts";
import { pull } from "./commands/pull.ts";
import { start } from "./commands/start.ts";
import { readConfig } from "./config.ts";
import { installCudaBinaries } from "./gpu-binaries.ts";
import { TerminalLines } from "./terminal-lines.ts";

const HELP = `StarAI worker: lends this machine to the pool. It dials out; no port is opened.

  npm run worker -- start         join the pool and work until Ctrl-C
  npm run worker -- inspect       what this machine has, how fast it is, which models fit
  npm run worker -- pull [id…]    fetch models (by default the default model)
  npm run worker -- gpu           fetch the engine's CUDA binaries for an NVIDIA card (540 MB; not tried on a card yet)
  npm run worker -- help          this text

Settings, from the environment:
  STARAI_POOL_URL       the pool's WebSocket; default ws://127.0.0.1:8080/pool
  STARAI_MODEL          a catalogue id, several with commas, or /path/file.gguf; default qwen2.5-coder-1.5b,
                        with less than 4 GB of free memory qwen2.5-coder-0.5b
  STARAI_MODELS         folder of model files, shared by all processes of this user
  STARAI_WORKER_HOME    folder of this worker's key and measurements; default <STARAI_HOME>/worker or the user's data folder
  STARAI_WORKER_NAME    what the pool shows beside answers; default a made-up name, so that
                        nobody learns the name of this computer
  STARAI_THREADS        engine threads; by default chosen by measuring
  STARAI_ENGINE_URL     an OpenAI-compatible engine to serve instead, such as http://127.0.0.1:8000/v1
  STARAI_ENGINE_MODEL   <catalogue id>=<the engine's own name for it>
  STARAI_ENGINE_KEY     the engine's API key, if it wants one
  STARAI_LOG_LEVEL      debug, info, warn, error or silent; default info

On a terminal it speaks in lines for a person; elsewhere, or with STARAI_LOG_LEVEL set, in JSON lines.
`;

async function main(): Promise<void> {
  const { positionals, values } = readWords();
  const [command = "help", ...rest] = positionals;
  if (values.help || command === "help") return void process.stdout.write(HELP);
  const config = readConfig(process.env);
  // A terminal gets plain lines instead of JSON, unless a log level is set.
  const terminal = process.stderr.isTTY && !process.env.STARAI_LOG_LEVEL ? new TerminalLines(process.stderr) : null;
  const level = terminal ? "silent" : config.logLevel;
  const logger = pino(logOptions(level), pino.destination({ fd: 2, sync: true }));
  switch (command) {
    case "start":
      return await start(config, logger, terminal);
    case "inspect":
      return await inspect(config, process.stdout, pino({ level: "silent" }));
    case "pull":
      return await pull(rest, config, process.stdout, logger);
    case "gpu":
      return await installCudaBinaries((text) => process.stdout.write(`${text}\n`));
    default:
      throw new Error(`Unknown command "${command}": npm run worker -- help lists the commands`);
  }
}

/** Replaces parseArgs's error: its advice about quoting does not help with a mistyped option. */
function readWords() {
  try {
    return parseArgs({ allowPositionals: true, options: { help: { type: "boolean", short: "h" } } });
  } catch {
    throw new Error("Unknown option: npm run worker -- help lists commands and settings");
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
