/**
 * Looks at contracts again and again, says what changes, stops a root that takes earnings away and redeems vouchers. Anybody can
 * run it, beside our own servers or against them: it asks the chain and the published files only.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CliContext } from "../cli-context.ts";
import { mayAct } from "./act.ts";
import { news } from "./fact.ts";
import { LeafFiles } from "./leaf-files.ts";
import { readMemory, saidOf, writeMemory } from "./memory-file.ts";
import { pauseMs } from "./pause.ts";
import { Round } from "./round.ts";

export async function watch(context: CliContext): Promise<void> {
  const { files, memory: memoryFile, once } = context.settings.watch;
  await using leafFiles = files === null ? null : new LeafFiles(files);
  const before = await readMemory(memoryFile);
  const round = new Round(context, leafFiles, before.files);
  if (context.settings.multisig)
    throw new Error("A watch acts by itself and makes no orders of a multisig: run it without --multisig.");
  const acting = mayAct(context) ? "acting with your wallet" : "without a wallet, so links say what to do";
  context.say(`Watching ${round.contracts} contracts, ${acting}.`);
  let said = saidOf(before.said, round.names);
  for (let failures = 0; ;) {
    const { facts, answered } = await round.look();
    const told = news(facts, said);
    for (const line of told.lines) context.say(line);
    ({ said } = told);
    await writeMemory(memoryFile, { said, files: round.files });
    if (once) return;
    failures = answered ? 0 : failures + 1;
    await sleep(pauseMs(failures));
  }
}
