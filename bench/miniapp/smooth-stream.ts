/** Measures the frames that the browser drops while a long answer grows. */
import type { Context, MiddlewareHandler } from "hono";
import { streamSSE } from "hono/streaming";
import type { Browser, Page } from "playwright-core";
import type { RunEvent } from "@starai/protocol/runs";
import { answers } from "@starai/server/testing/scripted-thinking";
import type { StagedStack } from "@starai/sandbox/staged-stack";
import { launchAddress } from "./open-app.ts";

const ANSWER_CHARS = 20_000;
const TOKENS_PER_S = 60;
const STREAM_S = 10;
/** Average characters per token of prose. */
const TOKEN_CHARS = 4;
const FRAME_MS = 1_000 / 60;

export interface SmoothStream {
  frames: number;
  dropped: number;
  /** Longest time without a frame, ms. */
  longestMs: number;
  /** The same page at rest, as the machine's own baseline. */
  atRest: { frames: number; dropped: number };
}

/** A run's stream as the server sends it, but of a length the pool's bounds would not allow. Off until switched on. */
export class LongAnswer {
  on = false;
  readonly middleware: MiddlewareHandler = async (c, next) => {
    const run = /^\/api\/my\/runs\/([0-9a-f-]{36})\/events$/.exec(c.req.path)?.[1];
    return this.on && run !== undefined ? this.#stream(c, run) : next();
  };

  #stream(c: Context, run: string): Response {
    const text = markdownOf(ANSWER_CHARS);
    const streamed = STREAM_S * TOKENS_PER_S * TOKEN_CHARS;
    return streamSSE(c, async (stream) => {
      let id = 0;
      const send = (event: RunEvent) => stream.writeSSE({ id: `1.${id++}`, data: JSON.stringify(event) });
      const answer = text.slice(0, -streamed);
      await send({
        type: "snapshot",
        run: {
          id: run,
          thread: run,
          status: "running",
          phase: { kind: "answering" },
          steps: [],
          thought: "",
          answer,
          outcome: null,
        },
      });
      const began = performance.now();
      for (let at = answer.length, token = 1; at < text.length && !stream.aborted; at += TOKEN_CHARS, token++) {
        await send({ type: "answer", delta: text.slice(at, at + TOKEN_CHARS) });
        await stream.sleep(Math.max(0, began + (token * 1_000) / TOKENS_PER_S - performance.now()));
      }
      await send({ type: "end", outcome: { kind: "answered" }, answer: text });
    });
  }
}

export async function measureSmoothStream(
  stack: StagedStack,
  browser: Browser,
  { thread, long }: { thread: string; long: LongAnswer },
): Promise<SmoothStream> {
  const context = await browser.newContext({ viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 });
  try {
    const page = await context.newPage();
    await page.goto(await launchAddress(stack, `t_${thread.replaceAll("-", "")}`));
    const field = page.getByRole("textbox").last();
    await field.waitFor();
    const atRest = await countFrames(page, 3_000);
    stack.script = async function* ({ stop }) {
      yield* answers("…");
      await new Promise((resolve) => stop.addEventListener("abort", resolve));
    };
    long.on = true;
    await field.fill("Tell me everything.");
    await field.press("Enter");
    await page.getByText("Section 2").first().waitFor();
    const during = await countFrames(page, (STREAM_S - 2) * 1_000);
    return { ...during, atRest };
  } finally {
    long.on = false;
    await context.close();
  }
}

/** Counts what requestAnimationFrame sees. As text: a compiled function would call helpers that the page does not have. */
function countFrames(page: Page, forMs: number): Promise<{ frames: number; dropped: number; longestMs: number }> {
  return page.evaluate(`new Promise((resolve) => {
    const times = [];
    const tick = (now) => {
      times.push(now);
      if (now - times[0] < ${forMs}) return void requestAnimationFrame(tick);
      const gaps = times.slice(1).map((time, index) => time - times[index]);
      const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / ${FRAME_MS}) - 1), 0);
      resolve({ frames: gaps.length, dropped, longestMs: Math.max(...gaps) });
    };
    requestAnimationFrame(tick);
  })`);
}

/** Prose, lists, code and a table, as an answer of this length would have. */
function markdownOf(chars: number): string {
  let text = "";
  for (let section = 1; text.length < chars; section++)
    text += [
      `## Section ${section}`,
      "A paragraph with **bold**, *emphasis* and `code`, long enough to wrap on a phone a few times. ".repeat(4),
      "- one thing\n- another thing\n- a third",
      "```ts\nexport const answer = 6 * 7; // said in code\n```",
      "| what | how much |\n|---|---:|\n| cards | 12 |\n| tokens | 345 |",
      "",
    ].join("\n\n");
  return text.slice(0, chars);
}
