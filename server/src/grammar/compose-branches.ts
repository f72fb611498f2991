/**
 * Combines compiled schemas: "an object with these members, or one with those". Each part keeps its own validator and
 * its own references, so nothing is linted twice and names cannot clash.
 */
import { closedSchema } from "./closed-schema.ts";
import type { CompiledConstraint } from "./compile-constraint.ts";
import { schemaToGbnf } from "./schema-to-gbnf.ts";
import type { Shape } from "./shape.ts";

/** A member's value is a fixed text, or any value of its schema. */
export type BranchMember = readonly [name: string, value: string | CompiledConstraint];

/** The members of one branch, all required, in the order they are written. */
export type Branch = readonly BranchMember[];

/**
 * Returns a constraint whose values are objects of exactly one branch. Branches are distinguished by their fixed
 * members, which should come first.
 * @throws {Refusal} unsupported_schema when the combined grammar is too big
 */
export function composeBranches(branches: readonly Branch[]): CompiledConstraint {
  const definitions = new Map<string, Shape>();
  const members = branches.map((branch, index): Shape => {
    const properties = branch.map(([name, value]) => ({
      name,
      required: true,
      shape: shapeOf(value, `${index}/${name}`, definitions),
    }));
    return { kind: "object", properties, loose: false };
  });
  definitions.set("", members.length === 1 && members[0] !== undefined ? members[0] : { kind: "union", members });
  const linted = { root: { kind: "ref", pointer: "" } as const, definitions };
  return {
    linted,
    constraint: { gbnf: schemaToGbnf(linted), jsonSchema: closedSchema(linted) },
    validate: (value) => validateBranches(branches, value),
  };
}

function shapeOf(value: string | CompiledConstraint, prefix: string, definitions: Map<string, Shape>): Shape {
  if (typeof value === "string") return { kind: "literal", values: [value] };
  for (const [pointer, shape] of value.linted.definitions) definitions.set(prefix + pointer, moved(shape, prefix));
  return moved(value.linted.root, prefix);
}

/** Returns the shape with a prefix added to its references. */
function moved(shape: Shape, prefix: string): Shape {
  switch (shape.kind) {
    case "ref":
      return { kind: "ref", pointer: prefix + shape.pointer };
    case "union":
      return { ...shape, members: shape.members.map((member) => moved(member, prefix)) };
    case "array":
      return { ...shape, item: moved(shape.item, prefix) };
    case "map":
      return { ...shape, value: moved(shape.value, prefix) };
    case "object":
      return {
        ...shape,
        properties: shape.properties.map((property) => ({ ...property, shape: moved(property.shape, prefix) })),
      };
    case "any":
    case "null":
    case "boolean":
    case "integer":
    case "number":
    case "string":
    case "format":
    case "literal":
      return shape;
  }
}

function validateBranches(branches: readonly Branch[], value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "the value is not an object";
  const given = value as Readonly<Record<string, unknown>>;
  const branch = branches.find((members) =>
    members.every(([name, fixed]) => typeof fixed !== "string" || given[name] === fixed),
  );
  if (branch === undefined) return "the value is none of the allowed kinds";
  const stray = Object.keys(given).find((name) => !branch.some(([known]) => known === name));
  if (stray !== undefined) return `the value has a member "${stray}" that is not allowed`;
  for (const [name, part] of branch) {
    if (!Object.hasOwn(given, name)) return `the value has no member "${name}"`;
    const fault = typeof part === "string" ? null : part.validate(given[name]);
    if (fault !== null) return `${name}: ${fault}`;
  }
  return null;
}
