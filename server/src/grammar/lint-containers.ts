/** Lints objects and arrays of a schema. */
import { fault, isSchemaObject } from "./schema-place.ts";
import type { Linter, Place, SchemaObject } from "./schema-place.ts";
import { readCount } from "./lint-scalars.ts";
import { pointerTo } from "./shape.ts";
import type { PropertyShape, Shape } from "./shape.ts";

/** More items do not fit any model's context. A greater `maxItems` becomes this, a greater `minItems` is refused. */
export const ITEMS_MAX = 10_000;

export function lintArray(lint: Linter, schema: SchemaObject, place: Place, loose: boolean): Shape {
  const { pointer, depth } = place;
  const min = readCount(schema, "minItems", pointer) ?? 0;
  const max = readCount(schema, "maxItems", pointer);
  if (max !== null && min > max) throw fault(pointerTo(pointer, "minItems"), "`minItems` is above `maxItems`");
  if (min > ITEMS_MAX)
    throw fault(pointerTo(pointer, "minItems"), `no model writes that many items; at most ${ITEMS_MAX}`);
  if (Array.isArray(schema["items"])) {
    throw fault(pointerTo(pointer, "items"), "a list of schemas is not supported: use an object with named members");
  }
  const items = { schema: schema["items"] ?? true, pointer: pointerTo(pointer, "items"), depth: depth + 1 };
  return { kind: "array", item: lint.shape(items), min, max, loose };
}

export function lintObject(lint: Linter, schema: SchemaObject, place: Place, loose: boolean): Shape {
  const { pointer, depth } = place;
  const properties = schema["properties"] ?? {};
  if (!isSchemaObject(properties))
    throw fault(pointerTo(pointer, "properties"), "`properties` is an object of schemas");
  const names = Object.keys(properties);
  lint.countProperties(names.length, pointerTo(pointer, "properties"));
  const required = readRequired(schema, pointer, names);
  const extra = schema["additionalProperties"] ?? true;
  // Linted although the grammar may never write an extra member, because the validator compiles it.
  const extraPlace = { schema: extra, pointer: pointerTo(pointer, "additionalProperties"), depth: depth + 1 };
  const extraShape: Shape = extra === false ? { kind: "null" } : lint.shape(extraPlace);
  if (names.length === 0 && extra !== false) return { kind: "map", value: extraShape, loose };
  const shapes = names.map((name): PropertyShape => {
    const at = pointerTo(pointer, "properties", name);
    // In a client's code, assigning to this name would replace the prototype instead of setting a member.
    if (name === "__proto__") throw fault(at, "this name is not allowed; choose another");
    return {
      name,
      required: required.has(name),
      shape: lint.shape({ schema: properties[name], pointer: at, depth: depth + 1 }),
    };
  });
  return { kind: "object", properties: shapes, loose };
}

function readRequired(schema: SchemaObject, pointer: string, names: readonly string[]): Set<string> {
  const at = pointerTo(pointer, "required");
  const required = schema["required"] ?? [];
  if (!Array.isArray(required)) throw fault(at, "`required` is a list of names");
  const known = new Set(names);
  const seen = new Set<string>();
  for (const [index, name] of (required as unknown[]).entries()) {
    const here = pointerTo(at, index);
    if (typeof name !== "string") throw fault(here, "`required` is a list of names");
    if (!known.has(name)) throw fault(here, "this name is required but not in `properties`; add its schema there");
    if (seen.has(name)) throw fault(here, "this name is listed twice");
    seen.add(name);
  }
  return seen;
}
