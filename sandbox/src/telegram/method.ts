/** Defines a Bot API method by its parameters and its action; names and results are checked against the API's types. */
import type { ApiMethods } from "@grammyjs/types";
import type { z } from "zod";
import { parseParameters } from "./parameters.ts";
import type { RawParameters } from "./parameters.ts";
import type { Telegram } from "./telegram.ts";

type Methods = ApiMethods<string>;

export interface Call {
  readonly raw: RawParameters;
  /** Uploaded parts by field name. */
  readonly uploads: ReadonlyMap<string, File>;
  /** Aborted when the caller disconnects. */
  readonly signal: AbortSignal;
}

export interface Method {
  readonly name: keyof Methods;
  run(telegram: Telegram, call: Call): unknown;
}

export function method<Name extends keyof Methods, Shape extends z.ZodType>(
  name: Name,
  shape: Shape,
  run: (
    telegram: Telegram,
    parameters: z.infer<Shape>,
    call: Call,
  ) => ReturnType<Methods[Name]> | Promise<ReturnType<Methods[Name]>>,
): Method {
  return { name, run: (telegram, call) => run(telegram, parseParameters(shape, call.raw), call) };
}
