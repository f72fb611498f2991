/** The JSON types that a shape allows. */
import { fault } from "./schema-place.ts";
import { typeOfValue } from "./shape.ts";
import type { JsonType, LintedSchema, Shape } from "./shape.ts";

type Definitions = Pick<LintedSchema, "definitions">;

/** Returns the types of a shape's values; "number" includes integers. Each definition is visited once. */
export function typesOf(linted: Definitions, shape: Shape, visited = new Set<string>()): Set<JsonType> {
  switch (shape.kind) {
    case "any":
      return new Set(["null", "boolean", "number", "string", "array", "object"]);
    case "format":
      return new Set(["string"]);
    case "map":
      return new Set(["object"]);
    case "literal":
      return new Set(shape.values.map(typeOfValue));
    case "union":
      return new Set(shape.members.flatMap((member) => [...typesOf(linted, member, visited)]));
    case "ref": {
      const target = linted.definitions.get(shape.pointer);
      if (target === undefined || visited.has(shape.pointer)) return new Set();
      visited.add(shape.pointer);
      return typesOf(linted, target, visited);
    }
    case "null":
    case "boolean":
    case "integer":
    case "number":
    case "string":
    case "array":
    case "object":
      return new Set([shape.kind]);
  }
}

/** Checks `type` beside `anyOf` and the like: it must allow every type of the branches. @throws {Refusal} */
export function checkTypesWithin(linted: Definitions, shape: Shape, types: readonly JsonType[], pointer: string): void {
  for (const type of typesOf(linted, shape)) {
    const within = types.includes(type) || (type === "integer" && types.includes("number"));
    if (!within)
      throw fault(pointer, `a branch allows ${type}, this \`type\` does not; say the type inside each branch`);
  }
}
