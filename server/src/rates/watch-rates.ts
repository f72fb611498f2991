/** Reads the sources of the coin's rate every minute and stores what they make. */
import { guarded } from "@starai/protocol/guarded";
import type { Base } from "../base.ts";
import type { RateBook } from "./rate-book.ts";
import type { RateFeed } from "./rate-feed.ts";
import { RateLog } from "./rate-log.ts";
import { readSources } from "./rate-source.ts";

/** Services renew their prices every one to ten minutes, and give some ten thousand answers a month for nothing. */
const READ_MS = 60_000;
/** Of it: houses that were started in the same moment do not ask in the same moment. */
const JITTER = 0.1;

type Parts = Pick<Base, "health" | "log" | "random"> & { readonly rates: RateBook };

export interface RateWatch {
  /** Gives up a read under way and ends the timer. */
  stop(): Promise<void>;
}

/** Reads at once, then every minute. A feed without sources is never read. @param everyMs  for tests */
export function watchRates(ctx: Parts, feed: RateFeed, { everyMs = READ_MS } = {}): RateWatch {
  const stopping = new AbortController();
  const said = new RateLog(ctx.log);
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<unknown> = Promise.resolve();
  const soon = () => {
    if (!stopping.signal.aborted) timer = setTimeout(read, everyMs * (1 - JITTER + 2 * JITTER * ctx.random()));
  };
  const read = guarded(ctx.log, "the coin's rate", () => {
    reading = readOnce(ctx, { feed, said, signal: stopping.signal }).finally(soon);
    return reading;
  });
  if (feed.sources.length > 0) read();
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await reading.catch(() => undefined);
    },
  };
}

interface Reading {
  readonly feed: RateFeed;
  readonly said: RateLog;
  readonly signal: AbortSignal;
}

async function readOnce(ctx: Parts, { feed, said, signal }: Reading): Promise<void> {
  try {
    const readings = await readSources(feed.sources, {
      signal,
      onFault: (source, error) => said.failed(source, error),
    });
    said.answered(readings);
    const rate = await ctx.rates.store(readings, feed);
    said.made(rate);
    // So that the age of the one that is used is known to who watches this server.
    if (rate === null) await ctx.rates.current();
  } catch (error) {
    if (signal.aborted) return;
    if (!ctx.health.noticed(error))
      ctx.log.warn({ err: error }, "the coin's rate could not be stored; trying again in a minute");
  }
}
