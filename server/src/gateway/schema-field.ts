/** Adds the name of the request's field to refusals, whose JSON pointers begin at the schema. */
import { Refusal } from "../errors.ts";

/** Runs `read`, and prefixes the message and `param` of its refusals with `field`. */
export function inField<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, `${field}: ${error.message}`, {
      param: `${field}${error.param ?? ""}`,
      cause: error,
    });
  }
}
