/** `worker service install|remove|status`: starts the worker with the computer, as the user who installed it. */
import { execFile } from "node:child_process";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { WorkerConfig } from "../config.ts";
import { LAUNCHD_LABEL, launchdPlist, SERVICE_NAME, systemdUnit, windowsTask } from "../service/service-files.ts";
import type { ServiceFacts } from "../service/service-files.ts";
import type { Output } from "./pull.ts";
import { ownCommand } from "../own-command.ts";

const run = promisify(execFile);
const RUN_MS = 30_000;
const NOT_TRIED =
  "This was written by the system's own documents and not tried on such a machine: tell us what went wrong.";
/**
 * Settings that a service keeps from the terminal it was installed in; a Windows task has the user's own of the second kind. The
 * words of a wallet are in no file of ours.
 */
const KEPT_SETTING = /^(STARAI_[A-Z_]+|TON_ENDPOINT|TON_API_KEY)$/;
const KEPT_OF_THE_USER = /^(XDG_DATA_HOME|HOME|PATH)$/;

type Variables = Readonly<Record<string, string | undefined>>;

/** How a system keeps a service. */
interface ServiceKeeper {
  file: string;
  text: (facts: ServiceFacts) => string | Buffer;
  /** Commands after the file was written, before it is removed, and to see how it is. */
  install: string[][];
  remove: string[][];
  status: string[];
  tried: boolean;
  note?: string;
}

export async function service(
  words: readonly string[],
  config: WorkerConfig,
  { out, env, platform = os.platform() }: { out: Output; env: Variables; platform?: NodeJS.Platform },
): Promise<void> {
  const say = (line: string) => void out.write(`${line}\n`);
  const keeper = keeperOf(platform, env);
  const [what = ""] = words;
  switch (what) {
    case "install":
      return await install(keeper, factsOf(config, env, platform), say);
    case "remove":
      return await remove(keeper, say);
    case "status":
      return await status(keeper, say);
    default:
      throw new Error(`Say what to do with the service: ${ownCommand("service install")}, remove or status`);
  }
}

async function install(keeper: ServiceKeeper, facts: ServiceFacts, say: (line: string) => void): Promise<void> {
  // One that runs already is ended first, so that it begins with the new settings.
  if (await stat(keeper.file).catch(() => null))
    for (const command of keeper.remove) await tell(command).catch(() => {});
  await mkdir(dirname(keeper.file), { recursive: true });
  // It may hold the key of an engine.
  await writeFile(keeper.file, keeper.text(facts), { mode: 0o600 });
  say(`Wrote ${keeper.file}, which starts: ${facts.node} ${facts.script} worker start`);
  for (const command of keeper.install) await tell(command);
  say("It runs now, and starts with the computer. Settings are those of this terminal: install again to change them.");
  if (keeper.note) say(keeper.note);
  if (!keeper.tried) say(NOT_TRIED);
}

async function remove(keeper: ServiceKeeper, say: (line: string) => void): Promise<void> {
  if (!(await stat(keeper.file).catch(() => null))) return say(`There is no service: ${keeper.file} is not there.`);
  for (const command of keeper.remove) await tell(command).catch((error: unknown) => say((error as Error).message));
  await rm(keeper.file, { force: true });
  say("The service is removed. Its key, its notes and its models stay.");
}

async function status(keeper: ServiceKeeper, say: (line: string) => void): Promise<void> {
  if (!(await stat(keeper.file).catch(() => null)))
    return say(`No service is installed: ${ownCommand("service install")}`);
  const [program = "", ...args] = keeper.status;
  // A service that does not run is told by an exit code; its words are what is asked for.
  const answer = await run(program, args, { timeout: RUN_MS }).catch(
    (error: { stdout?: string; stderr?: string }) => error,
  );
  say((answer.stdout || answer.stderr || `${program} did not answer`).trim());
}

/** @throws Error with what the command said. */
async function tell([program = "", ...args]: readonly string[]): Promise<void> {
  await run(program, args, { timeout: RUN_MS }).catch((error: NodeJS.ErrnoException & { stderr?: string }) => {
    const why = error.code === "ENOENT" ? "it is not on this machine" : (error.stderr ?? error.message).trim();
    throw new Error(`${[program, ...args].join(" ")} failed: ${why}`, { cause: error });
  });
}

function factsOf(config: WorkerConfig, env: Variables, platform: NodeJS.Platform): ServiceFacts {
  const folder = resolve(import.meta.dirname, "../../..");
  const isKept = (name: string) => KEPT_SETTING.test(name) || (platform !== "win32" && KEPT_OF_THE_USER.test(name));
  const kept = Object.entries(env).filter((entry): entry is [string, string] => isKept(entry[0]) && !!entry[1]);
  return {
    node: process.execPath,
    script: join(folder, "scripts", "run.mjs"),
    folder,
    environment: { ...Object.fromEntries(kept), STARAI_POOL_URL: config.poolUrl },
    log: join(config.home, "worker.log"),
  };
}

function keeperOf(platform: NodeJS.Platform, env: Variables): ServiceKeeper {
  const home = env.HOME ?? os.homedir();
  const keeper = KEEPERS[platform]?.(home, env);
  if (keeper) return keeper;
  throw new Error(`How a service starts on ${platform} is not known: start the worker by its own means there`);
}

const KEEPERS: Partial<Record<NodeJS.Platform, (home: string, env: Variables) => ServiceKeeper>> = {
  linux: (home, env) => ({
    file: join(env.XDG_CONFIG_HOME || join(home, ".config"), "systemd", "user", `${SERVICE_NAME}.service`),
    text: systemdUnit,
    install: [systemctl("daemon-reload"), systemctl("enable", SERVICE_NAME), systemctl("restart", SERVICE_NAME)],
    remove: [systemctl("disable", "--now", SERVICE_NAME)],
    status: systemctl("status", "--no-pager", "--lines=20", SERVICE_NAME),
    tried: true,
    note: "To have it run while you are not logged in: loginctl enable-linger",
  }),
  darwin: (home) => {
    const file = join(home, "Library", "LaunchAgents", `${LAUNCHD_LABEL}.plist`);
    const domain = `gui/${os.userInfo().uid}`;
    return {
      file,
      text: launchdPlist,
      install: [["launchctl", "bootstrap", domain, file]],
      remove: [["launchctl", "bootout", `${domain}/${LAUNCHD_LABEL}`]],
      status: ["launchctl", "print", `${domain}/${LAUNCHD_LABEL}`],
      tried: false,
    };
  },
  win32: (home, env) => {
    const file = join(env.LOCALAPPDATA ?? home, "starai", `${SERVICE_NAME}.xml`);
    return {
      file,
      text: (facts) => Buffer.from(`\uFEFF${windowsTask(facts)}`, "utf16le"),
      install: [
        ["schtasks", "/Create", "/F", "/TN", SERVICE_NAME, "/XML", file],
        ["schtasks", "/Run", "/TN", SERVICE_NAME],
      ],
      remove: [["schtasks", "/Delete", "/F", "/TN", SERVICE_NAME]],
      status: ["schtasks", "/Query", "/V", "/FO", "LIST", "/TN", SERVICE_NAME],
      tried: false,
    };
  },
};

function systemctl(...words: string[]): string[] {
  return ["systemctl", "--user", ...words];
}
