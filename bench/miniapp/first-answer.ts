/** How long a person on a slow phone waits: for something to see, for the conversation, for the first word of an answer. */
import type { Browser } from "playwright-core";
import { answers } from "@starai/server/testing/scripted-thinking";
import type { StagedStack } from "@starai/sandbox/staged-stack";
import { median } from "../median.ts";
import { launchAddress, throttledPage } from "./open-app.ts";

const ROUNDS = 5;
const PHONE = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 };

export interface FirstAnswer {
  /** First contentful paint, ms after the navigation began. */
  paintMs: number;
  /** Until the conversation's last message is on the screen, ms after the navigation began. */
  conversationMs: number;
  /** From Enter until the answer's first word is on the screen, ms; the pool's scripted worker answers at once. */
  firstTokenMs: number;
}

export async function measureFirstAnswer(stack: StagedStack, browser: Browser, thread: string): Promise<FirstAnswer> {
  const rounds: FirstAnswer[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await oneRound(stack, browser, { thread, round }));
  const middle = (name: keyof FirstAnswer) => median(rounds.map((each) => each[name]));
  return { paintMs: middle("paintMs"), conversationMs: middle("conversationMs"), firstTokenMs: middle("firstTokenMs") };
}

async function oneRound(
  stack: StagedStack,
  browser: Browser,
  { thread, round }: { thread: string; round: number },
): Promise<FirstAnswer> {
  const word = `marker${round}`;
  stack.script = () => answers(`${word} and more.`);
  // A context of its own has an empty cache: the first visit is what is measured.
  const context = await browser.newContext(PHONE);
  try {
    const { page } = await throttledPage(context);
    await page.goto(await launchAddress(stack, `t_${thread.replaceAll("-", "")}`));
    const field = page.getByRole("textbox").last();
    await field.waitFor();
    await page.getByText("What is the pool?").first().waitFor();
    const { paintMs, conversationMs } = await page.evaluate(() => ({
      paintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
      conversationMs: performance.now(),
    }));
    await field.fill(`Question ${round}`);
    // As text: a compiled function would call helpers that the page does not have.
    const shown = page.evaluate<number>(`new Promise((resolve) => {
      let began = 0;
      addEventListener("keydown", (event) => event.key === "Enter" && (began = performance.now()), true);
      const look = () =>
        document.body.textContent.includes(${JSON.stringify(word)}) ? resolve(performance.now() - began) : requestAnimationFrame(look);
      look();
    })`);
    await field.press("Enter");
    return { paintMs, conversationMs, firstTokenMs: await shown };
  } finally {
    await context.close();
  }
}
