/**
 * Reads untrusted HTML in a separate thread, which is terminated when it exceeds its time or memory, so that no page
 * can block the server.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { PageText } from "./page-text.ts";
import { ToolAdvice } from "../tool-advice.ts";

/** The worst page of 2 MB found is read within a second, half of it the thread's start; the rest is for a busy machine. */
const READ_TIMEOUT_MS = 10_000;
/** Twice the memory of that page, which is one tag of 280,000 attributes. */
const RESOURCES = { maxOldGenerationSizeMb: 128 };
/** Threads at once in this process, 1 GB of memory at the very worst; more would only slow each other down. */
const READING_MAX = 8;

let reading = 0;

/** @throws ToolAdvice for a page that cannot be read within its time and memory, or now */
export async function readPageText(html: string, signal?: AbortSignal, timeoutMs = READ_TIMEOUT_MS): Promise<PageText> {
  if (reading >= READING_MAX)
    throw new ToolAdvice("many pages are being read just now; tell the person to ask for it again in a minute");
  reading++;
  const thread = new Worker(new URL("../../../start-thread.mjs", import.meta.url), {
    workerData: { module: new URL("./page-thread.ts", import.meta.url).href, html },
    resourceLimits: RESOURCES,
  });
  const stop = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  try {
    const [page] = (await once(thread, "message", { signal: stop })) as [PageText];
    return page;
  } catch (error) {
    if (stop.aborted || (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY")
      throw new ToolAdvice("the page is too tangled to be read; tell the person so");
    throw error;
  } finally {
    await thread.terminate();
    reading--;
  }
}
