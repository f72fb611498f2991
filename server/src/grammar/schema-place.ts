/** A place in a schema, and the refusal that names it. */
import { Refusal } from "../errors.ts";
import type { Shape } from "./shape.ts";

export type SchemaObject = Readonly<Record<string, unknown>>;

/** The value at one place, its JSON pointer, and the number of schemas around it. */
export interface Place {
  schema: unknown;
  pointer: string;
  depth: number;
}

/** The part of the schema's linter that the linters of objects and arrays use. */
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
