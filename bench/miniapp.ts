/** Measures the Mini App on a phone: the first load's size, a slow phone's waits, and smoothness of a long answer. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openBrowser } from "@starai/sandbox/open-browser";
import { openStagedStack } from "@starai/sandbox/staged-stack";
import { measureEntry } from "./miniapp/entry-size.ts";
import type { EntrySize } from "./miniapp/entry-size.ts";
import { measureFirstAnswer } from "./miniapp/first-answer.ts";
import { PROFILE, beginConversation } from "./miniapp/open-app.ts";
import { LongAnswer, measureSmoothStream } from "./miniapp/smooth-stream.ts";

const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

/** Needs the built app: `npm run build`. */
export async function measureMiniapp(): Promise<string[]> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-bench-"));
  await chmod(home, 0o755);
  const entry = await measureEntry();
  const long = new LongAnswer();
  const stack = await openStagedStack({ home, before: long.middleware });
  const browser = await openBrowser();
  try {
    const thread = await beginConversation(stack);
    const first = await measureFirstAnswer(stack, browser, thread);
    const smooth = await measureSmoothStream(stack, browser, { thread, long });
    const slow = `${PROFILE.latencyMs} ms round trip, ${(PROFILE.downloadBytesPerS * 8) / 1e6} Mbit/s, processor ${PROFILE.slowdown} times slower`;
    return [
      ...entryTable(entry),
      "",
      `Throttled as Lighthouse's mobile profile (${slow}); first visit, nothing cached; the pool's machine answers at once.`,
      "",
      "| what | measured |",
      "|---|---|",
      `| first contentful paint | ${first.paintMs.toFixed(0)} ms |`,
      `| a linked conversation is on the screen | ${first.conversationMs.toFixed(0)} ms |`,
      `| Enter until the answer's first word is on the screen | ${first.firstTokenMs.toFixed(0)} ms |`,
      "",
      "60 tokens a second streaming into an answer of 20,000 characters, not throttled:",
      "",
      "| what | measured |",
      "|---|---|",
      `| frames drawn, dropped | ${smooth.frames}, ${smooth.dropped} (${percent(smooth.dropped / (smooth.frames + smooth.dropped))}) |`,
      `| the same page at rest | ${smooth.atRest.frames}, ${smooth.atRest.dropped} |`,
      `| longest stretch without a frame | ${smooth.longestMs.toFixed(0)} ms |`,
    ];
  } finally {
    await browser.close();
    await stack[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  }
}

function entryTable({ files, parts, laterGzipBytes }: EntrySize): string[] {
  const total = files.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
  return [
    `Loaded before anything is shown: **${kilobytes(total)} gzip** (${files.map(({ file, gzipBytes }) => `${path.extname(file).slice(1)} ${kilobytes(gzipBytes)}`).join(", ")}); later, where it is needed: ${kilobytes(laterGzipBytes)}.`,
    "",
    "| in the entry | share of its code |",
    "|---|---|",
    ...parts.map(({ name, share }) => `| ${name} | ${percent(share)} |`),
  ];
}
