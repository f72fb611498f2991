/** Reads server-sent events, as engines behind HTTP stream their answers. */
import { EngineFailure } from "./engine.ts";

/** Longest line of an event stream; a longer one is an error. */
const LINE_CHARS_MAX = 1024 * 1024;

/** The `data` of each event. */
export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > LINE_CHARS_MAX) throw new EngineFailure("engine_crashed", "the engine sent an endless event");
    for (const line of lines) if (line.startsWith("data:")) yield line.slice(5).trim();
  }
}
