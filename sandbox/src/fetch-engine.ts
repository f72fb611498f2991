/** `npm start -- --pull-engine`: fetches llama.cpp's own server for this stack's worker, and verifies it; runs nothing of it. */
import os from "node:os";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { pullBuild } from "@starai/worker/engines/llama-server/build";
import { ownWorkerFolder } from "./own-worker-folder.ts";
import type { Steps } from "./steps.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws Error that says what to do next */
export async function fetchEngine(home: string, env: Variables, steps: Steps): Promise<void> {
  const config = {
    home: env["STARAI_WORKER_HOME"] ?? ownWorkerFolder(home),
    modelsFolder: modelsFolder(env, os.homedir()),
    llamaCppFolder: env["STARAI_LLAMA_CPP"] ?? null,
    childEnvironment: { ...env },
  };
  const { folder } = await pullBuild(config, { say: (text) => steps.done(text), signal: new AbortController().signal });
  steps.done(`llama.cpp's own server is here, verified: ${folder}`);
}
