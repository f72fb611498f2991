/** For tests: the settings and the log of a server that nobody listens to. */
import { pino } from "pino";
import { readConfig } from "../config.ts";

export const silentLog = pino({ level: "silent" });

export const silentConfig = () =>
  readConfig({ STARAI_HOME: "/nowhere", STARAI_MODELS: "/nowhere", STARAI_BOT_KEY: "0".repeat(32) });
