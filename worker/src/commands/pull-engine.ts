/** `worker pull-engine llama.cpp`: fetches llama.cpp's own server and verifies it; runs nothing of it. */
import type { WorkerConfig } from "../config.ts";
import { pullBuild } from "../engines/llama-server/build.ts";
import type { Output } from "./pull.ts";
import { ownCommand } from "../own-command.ts";

export async function pullEngine(words: readonly string[], config: WorkerConfig, out: Output): Promise<void> {
  const [name] = words;
  if (name !== "llama.cpp") throw new Error(`Name the engine to fetch: ${ownCommand("pull-engine llama.cpp")}`);
  const say = (text: string) => out.write(`${text}\n`);
  const build = await pullBuild(config, { say, signal: new AbortController().signal });
  say(`llama.cpp: ready at ${build.folder}, sha256 ${build.sha256}`);
  say(`The next start tries it beside the built-in engine and takes the better one: ${ownCommand("start")}`);
}
