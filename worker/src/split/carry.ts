/** Joins a connection of the engine and a tunnel, each way through what changes the bytes; the end of one is the end of both. */
import { pipeline } from "node:stream";
import type { Duplex, Transform } from "node:stream";

/** After one side has ended, what is on its way to the other has this long. */
const HALF_OPEN_MAX_MS = 5_000;

/** A pipeline adds five for the end of a stream, and whoever opened the tunnel has its own. */
const LISTENERS_MAX = 24;

/** @param through  what the bytes from `one` to `other` pass */
export function carry(one: Duplex, through: Transform, other: Duplex, onEnd: (fault: Error | null) => void): void {
  let fault: Error | null = null;
  let open = 2;
  let timer: NodeJS.Timeout | undefined;
  // Two pipelines watch each of them, by more listeners than Node takes for a leak; it would say so on the owner's screen.
  for (const stream of [one, other]) stream.setMaxListeners(LISTENERS_MAX);
  const ended = (error: NodeJS.ErrnoException | null | undefined) => {
    // A side that was closed as a whole, not one way first: so the engine closes its connections.
    if (error?.code !== "ERR_STREAM_PREMATURE_CLOSE") fault ??= error ?? null;
    open -= 1;
    if (error || open === 0) {
      one.destroy();
      other.destroy();
    }
    if (open > 0) timer = setTimeout(() => one.destroy(), HALF_OPEN_MAX_MS);
    else {
      clearTimeout(timer);
      onEnd(fault);
    }
  };
  pipeline(one, through, other, ended);
  pipeline(other, one, ended);
  // A pipeline stops listening when it is done, and an error that nobody hears would end the process.
  for (const stream of [one, other]) stream.on("error", () => {});
}
