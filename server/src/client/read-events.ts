/** Server-sent events out of a byte stream (WHATWG HTML §9.2.6), as far as our own server writes them. */
import { ConnectionLost } from "./server-answer.ts";

export interface SentEvent {
  id: string | undefined;
  data: string;
}

/** One event of a run is a step with its texts at most; a longer line is not our server. */
const EVENT_CHARS_MAX = 4 * 1024 * 1024;

/** Ends when the stream ends or the signal is raised. @throws ConnectionLost when the stream breaks */
export async function* readEvents(body: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<SentEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // A body that did not come over the network does not know the request's signal.
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", cancel);
  if (signal?.aborted) cancel();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(lost);
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      if (rest.length > EVENT_CHARS_MAX) throw new Error(`an event is longer than ${EVENT_CHARS_MAX} characters`);
      const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = readBlock(block);
        if (event) yield event;
      }
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
    await reader.cancel().catch(() => undefined);
  }
}

function lost(cause: unknown): never {
  throw new ConnectionLost(cause);
}

/** Blocks without data, such as the keep-alive comments, are no events. */
function readBlock(block: string): SentEvent | null {
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    if (line.startsWith("id:")) id = line.slice(3).trimStart();
    if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
  }
  return data.length === 0 ? null : { id, data: data.join("\n") };
}
