/**
 * Reads a stranger's HTML in a thread of its own, which is ended when it takes too long or too much memory: whatever a
 * page holds, the server goes on answering.
 */
import { Worker } from "node:worker_threads";
import type { PageText } from "./page-text.ts";
import { ToolAdvice } from "./tool-advice.ts";

/** The worst page of 2 MB found is read within a second, half of it the thread's start; the rest is for a busy machine. */
const READ_TIMEOUT_MS = 5_000;
/** Twice what that page takes: one tag of 280,000 attributes. */
const RESOURCES = { maxOldGenerationSizeMb: 128 };
/** Threads at once in this process, 1 GB of memory at the very worst; more would only slow each other down. */
const READING_MAX = 8;

let reading = 0;

/** @throws ToolAdvice for a page that cannot be read within its time and memory, or now */
export async function readPageText(html: string, signal?: AbortSignal, timeoutMs = READ_TIMEOUT_MS): Promise<PageText> {
  if (reading >= READING_MAX)
    throw new ToolAdvice("many pages are being read just now; tell the person to ask for it again in a minute");
  reading++;
  const thread = new Worker(new URL("./page-thread.mjs", import.meta.url), {
    workerData: html,
    resourceLimits: RESOURCES,
  });
  const stop = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  try {
    return await answerOf(thread, stop);
  } finally {
    await thread.terminate();
    reading--;
  }
}

function answerOf(thread: Worker, stop: AbortSignal): Promise<PageText> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new ToolAdvice("the page is too tangled to be read; tell the person so"));
    thread.once("message", resolve);
    thread.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ERR_WORKER_OUT_OF_MEMORY" ? giveUp() : reject(error),
    );
    thread.once("exit", () => reject(new Error("the page's thread ended without an answer")));
    stop.addEventListener("abort", giveUp, { once: true });
    if (stop.aborted) giveUp();
  });
}
