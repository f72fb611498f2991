/** The app as a page of its own in the browser, opened by launch data of the simulator. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import type { StagedStack } from "@starai/sandbox/staged-stack";

const PERSON = 4242;

/** The address a client opens: with signed launch data of a person who has written to the bot. */
export async function launchAddress(stack: StagedStack, startParam?: string): Promise<string> {
  const answer = await fetch(`${stack.url}sim/launch`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      user: PERSON,
      url: `${stack.url}app/`,
      ...(startParam === undefined ? {} : { startParam }),
    }),
  });
  const { url } = (await answer.json()) as { url: string };
  return url;
}

/** One person's first conversation; answers its id. */
export async function beginConversation(stack: StagedStack): Promise<string> {
  await stack.say(PERSON, "What is the pool?");
  for (;;) {
    const { rows } = await stack.ctx.pg.query("select thread_id from runs where status <> 'running' limit 1");
    if (rows[0]) return String(rows[0].thread_id);
    await sleep(50);
  }
}

/** Lighthouse's mobile profile: slow 4G and a processor four times slower than this machine. */
export const PROFILE = { latencyMs: 150, downloadBytesPerS: 200_000, uploadBytesPerS: 93_750, slowdown: 4 };

export async function throttledPage(context: BrowserContext): Promise<{ page: Page; cdp: CDPSession }> {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: PROFILE.latencyMs,
    downloadThroughput: PROFILE.downloadBytesPerS,
    uploadThroughput: PROFILE.uploadBytesPerS,
  });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: PROFILE.slowdown });
  return { page, cdp };
}
