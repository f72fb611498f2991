/** The worker's command line: the only reader of its environment. */
import { parseArgs } from "node:util";
import { pino } from "pino";
import { start } from "./commands/start.ts";
import { readConfig } from "./config.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const [command = "help"] = positionals;
const config = readConfig(process.env);
if (command === "start") await start(config, pino({ level: config.logLevel }));
