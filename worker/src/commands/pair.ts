/**
 * `worker pair` and `worker unpair`: whose machine this is. The worker that runs here passes the question on; where none
 * runs, the command joins the pool for a moment, without any model.
 */
import { pino } from "pino";
import type { WorkerConfig } from "../config.ts";
import { askRunningWorker } from "../control.ts";
import type { OwnerAsk, OwnerReply } from "../control.ts";
import { askPoolDirectly } from "../earnings/ask-pool-directly.ts";
import { newOwnerWords, pairingWords, plain, standingWords } from "../earnings/words.ts";
import type { Output } from "./pull.ts";
import { ownCommand } from "../own-command.ts";

/** How long the pool may take to answer; then the person's own steps have the time of the code. */
const ANSWER_MS = 20_000;
const CODE_STAYS = " The code stays good all the same: once it was used, the worker that runs here says so.";

/** Shows a code and waits until it was used. @throws when it cannot be shown, or nobody used it in time. */
export async function pair(config: WorkerConfig, out: Output): Promise<void> {
  let wasShown = false;
  for await (const reply of repliesTo("pair", config)) {
    // A worker that starts meanwhile has this machine's one place in the pool.
    if (reply.kind === "fault") throw new Error(`${sentence(reply.text)}${wasShown ? CODE_STAYS : ""}`);
    if (reply.kind === "pairing") {
      wasShown = true;
      for (const line of pairingWords(reply.pairing)) out.write(`${line}\n`);
      out.write("waiting until it is used; Ctrl-C ends the waiting, and the code stays good\n");
    }
    if (reply.kind !== "standing" || reply.standing.owner === null) continue;
    const { owner } = reply.standing;
    if (!wasShown)
      throw new Error(`This machine is ${plain(owner.name)}'s already. If that is wrong: ${ownCommand("unpair")}`);
    for (const line of standingWords(reply.standing)) out.write(`${line}\n`);
    out.write(`if that is not you: ${ownCommand("unpair")}\n`);
    return;
  }
  throw new Error(
    wasShown
      ? "Nobody used the code in time: run the command again for a new one."
      : "The pool showed no code: run the command again in a moment.",
  );
}

export async function unpair(config: WorkerConfig, out: Output): Promise<void> {
  let before: Extract<OwnerReply, { kind: "standing" }> | null = null;
  for await (const reply of repliesTo("unpair", config)) {
    if (reply.kind === "fault") throw new Error(sentence(reply.text));
    if (reply.kind !== "standing") continue;
    if (reply.standing.owner === null) {
      const words = newOwnerWords(before?.standing ?? null, reply.standing) ?? "this machine is nobody's now";
      return void out.write(`${words}\n`);
    }
    before = reply;
  }
  throw new Error("The pool did not say that this machine is nobody's: run the command again.");
}

/** Ends when the pool stays silent, and for a code when it is no longer good. */
async function* repliesTo(ask: OwnerAsk, config: WorkerConfig): AsyncGenerator<OwnerReply> {
  const iterator = answersTo(ask, config);
  let until = Date.now() + ANSWER_MS;
  try {
    for (;;) {
      const next = await within(iterator.next(), until - Date.now());
      if (next === null || next.done) return;
      if (next.value.kind === "pairing") until = Date.parse(next.value.pairing.expiresAt);
      yield next.value;
    }
  } finally {
    // Not awaited: one that still waits for the pool ends with its connection.
    void iterator.return(undefined);
  }
}

/** Of the worker that runs; where none does, or it is away from the pool (it may rest for hours), of the pool itself. */
async function* answersTo(ask: OwnerAsk, config: WorkerConfig): AsyncGenerator<OwnerReply> {
  const running = await askRunningWorker(config.home, ask);
  for await (const reply of running ?? [{ kind: "away" } as const]) {
    if (reply.kind === "away") return yield* await askPoolDirectly(config, ask, pino({ level: "silent" }));
    yield reply;
  }
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), Math.max(0, ms))));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sentence(text: string): string {
  const shown = plain(text, 300);
  return `${shown.charAt(0).toUpperCase()}${shown.slice(1)}.`;
}
