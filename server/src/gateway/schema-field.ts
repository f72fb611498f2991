/** Where in the request a schema stands: a refusal's JSON pointer is completed by the name of its field. */
import { Refusal } from "../errors.ts";

/** Runs something that reads the schema in `field`; its refusals name that field too. */
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
