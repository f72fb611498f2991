/** Follows one run while it is written. What arrives between two frames of the screen is shown in one go. */
import { useQueryClient } from "@tanstack/react-query";
import { ServerRefused, ServerUnreachable } from "@starai/server/client";
import { pause } from "@starai/protocol/pause";
import { EMPTY_VIEW, applyEvent } from "@starai/protocol/run-view";
import type { RunView } from "@starai/protocol/run-view";
import type { RunEvent } from "@starai/protocol/runs";
import { useEffect, useState } from "react";
import { useApp } from "../../lib/app-context.ts";
import { keys } from "../../lib/query-client.ts";
import { useWake } from "../../lib/use-wake.ts";

/** The client itself tries for two minutes; after that a phone is asleep or far from any network. */
const TRY_AGAIN_MS = 10_000;

/** null until something of this run was heard. After sleep it is asked for anew and begins with a snapshot. */
export function useRun(run: string | null, thread: string): RunView | null {
  const { api, session } = useApp();
  const client = useQueryClient();
  const wakes = useWake();
  const [heard, setHeard] = useState<{ run: string; view: RunView } | null>(null);
  useEffect(() => {
    if (run === null) return undefined;
    const abort = new AbortController();
    const frames = batchPerFrame((events) =>
      setHeard((before) => ({ run, view: events.reduce(applyEvent, before?.run === run ? before.view : EMPTY_VIEW) })),
    );
    void follow(run, abort.signal);
    return () => {
      abort.abort();
      frames.drop();
    };

    async function follow(id: string, signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        try {
          for await (const event of api.runEvents(id, signal)) frames.add(event);
          if (signal.aborted) return;
          frames.flush();
          return void client.invalidateQueries({ queryKey: keys.thread(thread) });
        } catch (error) {
          if (error instanceof ServerRefused && error.status === 401) return session.end(error.code);
          // Gone: the thread was deleted while it streamed; asking for it again says so.
          if (error instanceof ServerRefused && !error.mayPass)
            return void client.invalidateQueries({ queryKey: keys.thread(thread) });
          if (!(error instanceof ServerUnreachable)) console.error("a run's events broke over a fault", error);
          await pause(TRY_AGAIN_MS, signal);
        }
      }
    }
  }, [api, client, session, run, thread, wakes]);
  return heard !== null && heard.run === run ? heard.view : null;
}

/** Hands on what was added since the last frame of the screen; a hidden page has no frames and catches up when shown. */
function batchPerFrame(show: (events: RunEvent[]) => void) {
  let waiting: RunEvent[] = [];
  let frame = 0;
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (waiting.length === 0) return;
    show(waiting);
    waiting = [];
  };
  return {
    add: (event: RunEvent) => {
      waiting.push(event);
      frame ||= requestAnimationFrame(flush);
    },
    flush,
    drop: () => {
      cancelAnimationFrame(frame);
      waiting = [];
    },
  };
}
