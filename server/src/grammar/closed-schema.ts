/** Writes shapes as JSON Schema, for engines that take one: only portable keywords, no extra members. */
import { openingPattern } from "./openings.ts";
import type { Bound, LintedSchema, Shape } from "./shape.ts";

type Json = Record<string, unknown>;

/** Returns a schema that allows what the grammar allows, without keywords that an engine might ignore. */
export function closedSchema(linted: LintedSchema): Json {
  const names = new Map(
    [...linted.definitions.keys()].filter((pointer) => pointer !== "").map((pointer, i) => [pointer, `d${i}`]),
  );
  const root = linted.definitions.get("");
  const schema = root === undefined ? {} : write(root, names);
  const definitions = [...names].flatMap(([pointer, name]) => {
    const shape = linted.definitions.get(pointer);
    return shape === undefined ? [] : [[name, write(shape, names)] as const];
  });
  return definitions.length === 0 ? schema : { ...schema, $defs: Object.fromEntries(definitions) };
}

function write(shape: Shape, names: ReadonlyMap<string, string>): Json {
  switch (shape.kind) {
    case "any":
      return {};
    case "null":
    case "boolean":
      return { type: shape.kind };
    case "integer":
      return { type: "integer", ...present({ minimum: shape.min, maximum: shape.max }) };
    case "number":
      return { type: "number", ...bounds(shape.min, shape.max) };
    case "string":
      return {
        type: "string",
        ...(shape.min === 0 ? {} : { minLength: shape.min }),
        ...present({ maxLength: shape.max }),
        ...(shape.opening === undefined ? {} : { pattern: openingPattern(shape.opening) }),
      };
    case "format":
      return { type: "string", format: shape.format };
    case "literal":
      return shape.values.length === 1 ? { const: shape.values[0] } : { enum: shape.values };
    case "object":
      return {
        type: "object",
        properties: Object.fromEntries(shape.properties.map(({ name, shape }) => [name, write(shape, names)])),
        required: shape.properties.filter((property) => property.required).map((property) => property.name),
        additionalProperties: false,
      };
    case "map":
      return { type: "object", additionalProperties: write(shape.value, names) };
    case "array":
      return {
        type: "array",
        items: write(shape.item, names),
        ...(shape.min === 0 ? {} : { minItems: shape.min }),
        ...present({ maxItems: shape.max }),
      };
    case "union":
      return { anyOf: shape.members.map((member) => write(member, names)) };
    case "ref":
      return { $ref: shape.pointer === "" ? "#" : `#/$defs/${names.get(shape.pointer) ?? ""}` };
  }
}

function present(values: Record<string, number | null>): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

function bounds(min: Bound | null, max: Bound | null): Json {
  return present({
    minimum: min === null || min.exclusive ? null : min.value,
    exclusiveMinimum: min?.exclusive === true ? min.value : null,
    maximum: max === null || max.exclusive ? null : max.value,
    exclusiveMaximum: max?.exclusive === true ? max.value : null,
  });
}
