/** Where a linter stands in a schema, and how it says what is wrong there. */
import { Refusal } from "../errors.ts";
import type { Shape } from "./shape.ts";

export type SchemaObject = Readonly<Record<string, unknown>>;

/** One place in the schema: the value there, its JSON pointer, and how many schemas it is nested in. */
export interface Place {
  schema: unknown;
  pointer: string;
  depth: number;
}

/** What the linters of objects and arrays need of the whole. */
export interface Linter {
  shape(place: Place): Shape;
  countProperties(count: number, pointer: string): void;
}

export function fault(pointer: string, advice: string): Refusal {
  const place = pointer === "" ? "its root" : pointer;
  return new Refusal("unsupported_schema", `The schema cannot be honoured at ${place}: ${advice}.`, { param: pointer });
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
