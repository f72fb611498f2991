/** How more workers join this stack to serve a model that fits none of them alone: the command for further terminals. */
import path from "node:path";
import { POOL_PATH } from "@starai/protocol/worker-frames";
import { createOwnerCode } from "@starai/server/contributors/owner-codes";
import type { RunningServer } from "@starai/server/start";
import { operator } from "./own-machine.ts";

export interface Joining {
  /** The stack's data folder. */
  home: string;
  model: string;
  /** What models may take in each worker, as it was written; undefined: what is free. */
  memory: string | undefined;
}

/** Machines hold layers for those of their own owner: the command carries a code by which they are this stack's. */
export async function joinWords({ ctx, url }: RunningServer, { home, model, memory }: Joining): Promise<string> {
  const { code } = createOwnerCode(ctx, await operator(ctx));
  const options = {
    pool: url.replace(/^http/, "ws") + POOL_PATH,
    model,
    ...(memory ? { memory } : {}),
    home: path.join(home, "worker"),
    "owner-code": code,
  };
  const words = Object.entries(options).map(([name, value]) => `--${name} ${quoted(value)}`);
  return `Run this in one or two more terminals, in the folder of this checkout:\n\n  npm run worker -- start --another ${words.join(" ")}\n`;
}

function quoted(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}
