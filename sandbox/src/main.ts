/** `npm start`'s process: reads the environment, opens the stack, prints its addresses and closes it on Ctrl-C. */
import { inspect } from "node:util";
import { dataFolder, thisMachine } from "./data-folder.ts";
import { fetchEngine } from "./fetch-engine.ts";
import { firstRequest } from "./first-request.ts";
import { openStack } from "./open-stack.ts";
import type { OpenStack } from "./open-stack.ts";
import { readStartOptions } from "./start-options.ts";
import { Steps } from "./steps.ts";

/** A hanging close is cut off after this, within the 10 s promised to the person. */
const CLOSE_MS_MAX = 9_000;
/** Ctrl-C arrives from the terminal and again through npm: two signals this close together count as one. */
const SAME_SIGNAL_MS = 500;

const steps = new Steps();
const home = dataFolder(thisMachine(process.env));
let closing: Promise<void> | null = null;
let signalledAt = 0;

const opening = open();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted());
process.on("uncaughtException", (error) => faulted(error));
process.on("unhandledRejection", (error) => faulted(error));
// The parent, scripts/start.mjs, may be killed; then nobody else would stop this process.
if (process.channel) process.on("disconnect", () => interrupted());

try {
  const stack = await opening;
  const trouble = await stack.modelTrouble;
  if (!closing) steps.say(farewell(stack, trouble));
} catch (error) {
  failed(error);
}

async function open(): Promise<OpenStack> {
  const { memory, pullEngine } = readStartOptions(process.argv.slice(2));
  const env = memory === null ? process.env : { ...process.env, STARAI_MEMORY: memory };
  if (pullEngine) await fetchEngine(home, env, steps);
  return await openStack(home, env, steps, failed);
}

function farewell(stack: OpenStack, trouble: string | null): string {
  return [
    "",
    ...(trouble === null ? [] : [`No model yet: ${trouble}`, "Everything else runs; answers wait for a worker.", ""]),
    `Open    ${stack.page}`,
    `API     ${firstRequest(stack.url, stack)}`,
    `Chain   ${stack.url}/ton/ (explorer of the TON chain on this machine)`,
    `Wallet  ${stack.url}/wallet/ (for that chain, by TON Connect)`,
    `Pay in  ${stack.url}/pay (outside Telegram, by a wallet that was connected in the app)`,
    `Data    ${home} (log: ${stack.logFile})`,
    "Stop    Ctrl-C",
    "",
  ].join("\n");
}

function interrupted(): void {
  if (closing && Date.now() - signalledAt > SAME_SIGNAL_MS) process.exit(130);
  if (closing) return;
  signalledAt = Date.now();
  steps.say("\nstopping; chats and unfinished answers are kept");
  closing = close(0);
}

/** Handles an uncaught error as the server's own entry does: prints it in full and closes; unfinished work is kept. */
function faulted(fault: unknown): void {
  const words = `uncaught error; chats and unfinished answers are kept: ${inspect(fault)}`;
  process.stderr.write(`\n${words}\n`);
  void opening.then((stack) => stack.log.fatal({ err: fault }, "a fault nobody caught")).catch(() => undefined);
  closing ??= close(1);
}

function failed(error: unknown): void {
  if (closing) return;
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.STARAI_LOG_LEVEL === "debug" && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  closing = close(1);
}

async function close(code: number): Promise<void> {
  setTimeout(() => process.exit(1), CLOSE_MS_MAX).unref();
  // A stack that is still opening is closed as soon as it is open; one that could not open has closed itself.
  const stack = await opening.catch(() => null);
  await stack?.close().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  process.exit(code);
}
