/**
 * Builds a small example of a schema's values, with required members only, to show a model the form it should write.
 */
import type { LintedSchema, Shape } from "../grammar/shape.ts";

const DEPTH_MAX = 4;
/** Bounds the example, because references can make a short schema's value large. */
const VALUES_MAX = 500;

export function exampleText(linted: LintedSchema): string {
  let left = VALUES_MAX;
  return JSON.stringify(example({ definitions: linted.definitions, mayGoOn: () => left-- > 0 }, linted.root, 0));
}

interface Source {
  definitions: LintedSchema["definitions"];
  /** Returns false once the example has its maximum number of values. */
  mayGoOn: () => boolean;
}

function example(source: Source, shape: Shape, depth: number): unknown {
  if (depth > DEPTH_MAX || !source.mayGoOn()) return null;
  switch (shape.kind) {
    case "ref": {
      const target = source.definitions.get(shape.pointer);
      return target === undefined ? null : example(source, target, depth + 1);
    }
    case "object": {
      const shown = shape.properties.filter((property) => property.required);
      return Object.fromEntries(shown.map(({ name, shape }) => [name, example(source, shape, depth + 1)]));
    }
    case "array":
      return [example(source, shape.item, depth + 1)];
    case "map":
      return {};
    case "union":
      return shape.members[0] === undefined ? null : example(source, shape.members[0], depth);
    case "literal":
      return shape.values[0];
    case "integer":
      return Math.max(shape.min ?? 1, Math.min(1, shape.max ?? 1));
    case "number":
      return shape.min?.value ?? 1;
    case "boolean":
      return true;
    case "null":
      return null;
    case "any":
    case "string":
      return "…";
    case "format":
      return FORMAT_EXAMPLES[shape.format];
  }
}

const FORMAT_EXAMPLES = {
  date: "2026-01-31",
  time: "12:00:00Z",
  "date-time": "2026-01-31T12:00:00Z",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
  ipv4: "192.0.2.1",
} as const;
