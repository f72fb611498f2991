/** Compares with Telegram's statement soon after the start and every hour. */
import { guarded } from "@starai/protocol/guarded";
import type { Base } from "../base.ts";
import type { StarsContext } from "./context.ts";
import { reconcileStars } from "./reconcile.ts";

const HOUR_MS = 60 * 60_000;
/** The updates that waited for a restart come first: they are what a payment is usually heard by. */
const FIRST_MS = 60_000;

export interface StarsWatch {
  /** Compares now. @throws as reconcileStars */
  look(): Promise<void>;
  /** Ends the timers and waits for a comparison under way. */
  stop(): Promise<void>;
}

/** Does nothing without a bot's token. */
export function watchStars(ctx: StarsContext & Pick<Base, "health">): StarsWatch {
  let looking: Promise<void> = Promise.resolve();
  const look = async (signal?: AbortSignal) => {
    if (ctx.telegram === null || ctx.health.database === "away") return;
    const { looked, credited, takenBack, settled, differences } = await reconcileStars(
      ctx,
      signal === undefined ? {} : { signal },
    );
    const counts = { looked, credited: credited.length, takenBack: takenBack.length, settled };
    if (counts.credited + counts.takenBack > 0)
      ctx.log.warn(counts, "payments of Stars were heard of by the statement alone");
    // Charges and people stand in no log: the operator's command names them.
    if (differences.length > 0)
      ctx.log.error(
        { ...counts, differences: differences.length },
        "the books differ from Telegram's statement of Stars; `npm run operator -- stars reconcile` says where",
      );
  };
  const stopping = new AbortController();
  const lookOrLater = () =>
    look(stopping.signal).catch((error: unknown) => {
      if (!ctx.health.noticed(error))
        ctx.log.warn({ err: error }, "Telegram's statement of Stars could not be read; the next look does it");
    });
  const onTime = guarded(ctx.log, "the comparison with Telegram's statement", () => (looking = lookOrLater()));
  const first = setTimeout(onTime, FIRST_MS);
  const timer = setInterval(onTime, HOUR_MS);
  return {
    look: () => look(),
    stop: async () => {
      stopping.abort();
      clearTimeout(first);
      clearInterval(timer);
      await looking;
    },
  };
}
