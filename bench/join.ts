/** Measures how long a stranger's machine takes from the command of `/join` to its first answer. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DEFAULT_MODEL, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { Stack } from "@starai/sandbox/stack-process";
import { firstJobOfAStranger } from "../server/src/testing/stranger.ts";

const WITHIN_MS = 15 * 60_000;

export async function measureJoin(): Promise<string[]> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(home, 0o755);
  const loadBefore = os.loadavg()[0]!;
  try {
    // The stack's own worker serves a model that is not asked for.
    await using stack = await Stack.open({ home, model: PLUMBING_MODEL });
    const asked = { url: stack.url, key: stack.apiKey, model: DEFAULT_MODEL };
    const { joinedS, answeredS } = await firstJobOfAStranger(asked, { threads: null, withinMs: WITHIN_MS });
    return [
      `One run of \`curl … /join | sh\` in an empty home, with Node.js and nothing of ours. npm's packages are fetched; ${DEFAULT_MODEL} is here already, and is loaded and measured. Server and worker share the machine, whose load was ${loadBefore.toFixed(1)} before.`,
      "",
      "| since the command | seconds |",
      "|---|---:|",
      `| it has joined the pool | ${joinedS.toFixed(0)} |`,
      `| its first answer is whole | ${answeredS.toFixed(0)} |`,
    ];
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
