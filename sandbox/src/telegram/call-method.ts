/** Runs one Bot API call and returns its response envelope; applies faults and emits the call to the page's log. */
import { METHODS } from "./method-table.ts";
import type { Call } from "./method.ts";
import { TelegramError } from "./telegram-error.ts";
import type { Telegram } from "./telegram.ts";

export type Answer =
  | { kind: "answer"; status: number; body: object }
  /** The connection is cut without an answer. */
  | { kind: "drop" };

/** Shown length of a call's parameters: enough for the start of a rich message; 200 calls take a few megabytes. */
const SHOWN_CHARS_MAX = 8_000;
/** How long a call under a `timeout` fault stays silent: longer than any bot waits. */
const SILENCE_MS = 60_000;

export async function callMethod(telegram: Telegram, name: string, call: Call): Promise<Answer> {
  const began = telegram.clock();
  const method = METHODS.get(name.toLowerCase());
  let answer: Answer;
  try {
    if (await broken(telegram, name, call.signal)) return note({ kind: "drop" }, "the connection was cut, as asked");
    if (!method) throw new TelegramError(404, "Not Found: method not found");
    answer = { kind: "answer", status: 200, body: { ok: true, result: await method.run(telegram, call) } };
  } catch (error) {
    const refusal = error instanceof TelegramError ? error : unexpected(error);
    return note({ kind: "answer", status: refusal.code, body: refusal.body() }, refusal.message);
  }
  return isPoll(name) ? answer : note(answer, null);

  function note(given: Answer, error: string | null): Answer {
    const chat = Number(call.raw.chat_id);
    telegram.feed.emit({
      type: "call",
      call: {
        id: telegram.feed.nextCallId(),
        method: method?.name ?? name.slice(0, 64),
        at: telegram.clock(),
        ms: telegram.clock() - began,
        error,
        chat: Number.isSafeInteger(chat) ? chat : null,
        parameters: shownParameters(call),
      },
    });
    return given;
  }
}

/** Applies the next fault of this method. True when the connection is to be cut. @throws for 429 and 500 */
async function broken(telegram: Telegram, name: string, signal: AbortSignal): Promise<boolean> {
  const fault = telegram.faults.take(name);
  if (!fault) return false;
  switch (fault.kind) {
    case "429":
      throw TelegramError.tooManyRequests(fault.retryAfter);
    case "500":
      throw new TelegramError(500, "Internal Server Error");
    case "timeout":
      await silence(signal);
      return true;
    case "drop":
      return true;
    default:
      return fault.kind satisfies never;
  }
}

function silence(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, SILENCE_MS);
    timer.unref();
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The parameters as shown on the page: JSON text as objects, uploads by name and size. */
function shownParameters({ raw, uploads }: Call): string {
  const files = [...uploads].map(([field, file]) => [field, `${file.name}, ${file.size} bytes`]);
  const entries = Object.entries(raw).map(([name, value]) => [name, unpacked(value)]);
  const text = JSON.stringify(Object.fromEntries([...entries, ...files]), null, 2);
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`;
}

function unpacked(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** Whether the call is a poll. Successful polls are not logged, since they would bury the other calls. */
function isPoll(name: string): boolean {
  return name.toLowerCase() === "getupdates";
}

function unexpected(error: unknown): TelegramError {
  console.error("simulator: a method failed unexpectedly", error);
  return new TelegramError(500, "Internal Server Error");
}
