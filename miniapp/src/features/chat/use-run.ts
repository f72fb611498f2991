/** Follows one run while it is written. Events that arrive between two frames of the screen are shown together. */
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

/** The client itself retries for two minutes; after that the phone is probably asleep or offline. */
const RETRY_AFTER_MS = 10_000;

/** Null until the first event of the run. After sleep it subscribes again, starting with a snapshot. */
export function useRun(run: string | null, thread: string): RunView | null {
  const { api, session } = useApp();
  const client = useQueryClient();
  const wakes = useWake();
  const [received, setReceived] = useState<{ run: string; view: RunView } | null>(null);
  useEffect(() => {
    if (run === null) return undefined;
    const abort = new AbortController();
    const frames = batchPerFrame((events) =>
      setReceived((before) => ({
        run,
        view: events.reduce(applyEvent, before?.run === run ? before.view : EMPTY_VIEW),
      })),
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
          // The thread was deleted while it streamed, which fetching it again shows.
          if (error instanceof ServerRefused && !error.mayPass)
            return void client.invalidateQueries({ queryKey: keys.thread(thread) });
          if (!(error instanceof ServerUnreachable)) console.error("following a run failed", error);
          await pause(RETRY_AFTER_MS, signal);
        }
      }
    }
  }, [api, client, session, run, thread, wakes]);
  return received !== null && received.run === run ? received.view : null;
}

/** Shows added events once per frame of the screen; a hidden page has no frames and catches up when shown. */
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
