/**
 * Limits the total size of all schemas of one request, however many tools they are spread over. The check is cheap and
 * runs before anything is compiled.
 */
import { JSON_DEPTH_MAX } from "../grammar/measure-schema.ts";
import { fault } from "../grammar/schema-place.ts";
import { inField } from "./schema-field.ts";

/** A schema and the name of its field in the request. */
export interface FieldSchema {
  field: string;
  schema: unknown;
}

/** Enough for 128 tools of 1 KB each, and more than the 64 KB of the largest single schema. */
const BYTES_MAX = 128 * 1024;
/** Enough for 128 tools of 7 parameters each; compiling as many takes about half a second of one core. */
const PROPERTIES_MAX = 1_000;

/** @throws {Refusal} unsupported_schema naming the field that exceeds a limit */
export function checkSchemaBudget(schemas: readonly FieldSchema[]): void {
  const spent = { bytes: 0, properties: 0 };
  for (const { field, schema } of schemas) inField(field, () => spend(schema, spent));
}

/** Adds a schema's size. It does not recurse and stops at the limit, so a huge or deep schema costs little. */
function spend(schema: unknown, spent: { bytes: number; properties: number }): void {
  const open: { value: unknown; depth: number; isProperties: boolean }[] = [
    { value: schema, depth: 0, isProperties: false },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth, isProperties } = next;
    spent.bytes += bytesOf(value);
    if (typeof value === "object" && value !== null) {
      if (depth > JSON_DEPTH_MAX) throw fault("", "it is nested too deep; at most 16 levels of schemas are allowed");
      const isList = Array.isArray(value);
      for (const [key, child] of Object.entries(value)) {
        if (isProperties) spent.properties++;
        if (!isList) spent.bytes += bytesOf(key) + 1;
        open.push({ value: child, depth: depth + 1, isProperties: !isProperties && key === "properties" });
        if (spent.bytes + open.length > BYTES_MAX) throw tooBig();
      }
    }
    if (spent.bytes > BYTES_MAX) throw tooBig();
    if (spent.properties > PROPERTIES_MAX) {
      throw fault("", `all schemas of a request may have ${PROPERTIES_MAX} properties together; send fewer tools`);
    }
  }
}

/** Approximate length as JSON text, in bytes; a container counts without its members. */
function bytesOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value) + 3;
  return typeof value === "number" ? String(value).length + 1 : 3;
}

function tooBig() {
  return fault(
    "",
    `all schemas of a request may have ${BYTES_MAX / 1024} KB together; shorten them or send fewer tools`,
  );
}
