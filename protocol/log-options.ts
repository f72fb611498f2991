/**
 * How every program of this project writes its log: `pino(logOptions(level))`. Secrets are redacted by their name, API
 * keys wherever they stand, and an error keeps what is needed to mend it, never what people wrote: errors of libraries
 * carry whole requests.
 */

import { hideKeys } from "./hide-keys.ts";

/** Names whose value never belongs in a log, at the top of a line or one level below. */
const SECRETS = ["authorization", "cookie", "token", "key", "apiKey", "botKey", "password", "secret", "initData"];
/** Causes logged at most: drivers wrap what they caught, and so do we, but never deeper than this. */
const CAUSES_MAX = 8;
const STACK_CHARS_MAX = 8_000;
const MESSAGE_CHARS_MAX = 2_000;

export function logOptions<Level extends string>(level: Level) {
  return {
    level,
    redact: SECRETS.flatMap((name) => [name, `*.${name}`]),
    serializers: { err: (error: unknown) => errorFacts(error) },
    // The finished line, so that no field and no library's words can carry a key past it.
    hooks: { streamWrite: hideKeys },
  };
}

interface ErrorFacts {
  type: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: ErrorFacts;
}

/** An allowlist: a failed call to Telegram, for example, carries its payload as a property, text included. */
function errorFacts(error: unknown, depth = 0): ErrorFacts {
  if (typeof error !== "object" || error === null)
    return { type: typeof error, message: String(error).slice(0, MESSAGE_CHARS_MAX) };
  const { name, message, code, stack, cause } = error as Partial<Record<keyof ErrorFacts | "name", unknown>>;
  const original = typeof message === "string" ? message : "";
  const words = withoutInput(original, String(name), code);
  return {
    type: typeof name === "string" ? name : "object",
    message: words.slice(0, MESSAGE_CHARS_MAX),
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    // A stack begins with the message.
    ...(typeof stack === "string" ? { stack: stack.replace(original, () => words).slice(0, STACK_CHARS_MAX) } : {}),
    ...(cause === undefined || depth >= CAUSES_MAX ? {} : { cause: errorFacts(cause, depth + 1) }),
  };
}

/** Drizzle lists a statement's parameters; JSON.parse and PostgreSQL's data exceptions (class 22) quote their input. */
function withoutInput(message: string, name: string, code: unknown): string {
  const words = message.replace(/\nparams: [\s\S]*$/, "");
  return name === "SyntaxError" || String(code).startsWith("22") ? words.replace(/"[\s\S]*"/, "…") : words;
}
