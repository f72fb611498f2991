/**
 * `oneOf` requires that exactly one branch fits. A grammar cannot exclude a value that fits two, so `oneOf` is
 * supported only if no value can: the branches differ in type, in constants, or in the constant of a required member.
 */
import { sameJson } from "./accepts-value.ts";
import { fault } from "./schema-place.ts";
import type { LintedSchema, Shape } from "./shape.ts";
import { typesOf } from "./shape-types.ts";

type Definitions = Pick<LintedSchema, "definitions">;
/** References followed while looking for a discriminator. */
const HOPS_MAX = 16;

export function checkDisjoint(linted: Definitions, members: readonly Shape[], pointer: string): void {
  for (const [index, first] of members.entries()) {
    for (const second of members.slice(index + 1)) {
      if (areDisjoint(linted, first, second)) continue;
      const advice =
        "two branches can fit the same value: use `anyOf`, or give each a required member with its own `const`";
      throw fault(pointer, advice);
    }
  }
}

function areDisjoint(linted: Definitions, one: Shape, other: Shape): boolean {
  const [a, b] = [resolve(linted, one), resolve(linted, other)];
  if (a === null || b === null) return false;
  if (a.kind === "literal" && b.kind === "literal") return noneShared(a.values, b.values);
  if (a.kind === "object" && b.kind === "object") return discriminated(linted, a, b);
  // A branch without `type` allows values of all other types, so its own types prove nothing.
  return !isLoose(linted, a) && !isLoose(linted, b) && typesApart(linted, a, b);
}

function discriminated(linted: Definitions, a: ShapeOf<"object">, b: ShapeOf<"object">): boolean {
  return a.properties.some((property) => {
    const twin = b.properties.find((candidate) => candidate.name === property.name);
    if (twin === undefined || !property.required || !twin.required) return false;
    const [first, second] = [resolve(linted, property.shape), resolve(linted, twin.shape)];
    return first?.kind === "literal" && second?.kind === "literal" && noneShared(first.values, second.values);
  });
}

type ShapeOf<K extends Shape["kind"]> = Extract<Shape, { kind: K }>;

function typesApart(linted: Definitions, a: Shape, b: Shape): boolean {
  const [first, second] = [typesOf(linted, a), typesOf(linted, b)];
  if (first.has("number") || second.has("number")) {
    if (first.has("integer") || second.has("integer")) return false;
  }
  return [...first].every((type) => !second.has(type));
}

function isLoose(linted: Definitions, shape: Shape, visited = new Set<Shape>()): boolean {
  const found = resolve(linted, shape);
  if (found === null) return true;
  if (visited.has(found)) return false;
  visited.add(found);
  if (found.kind === "union") return found.members.some((member) => isLoose(linted, member, visited));
  return "loose" in found && found.loose;
}

function resolve(linted: Definitions, shape: Shape): Exclude<Shape, { kind: "ref" }> | null {
  let at: Shape | undefined = shape;
  for (let hop = 0; hop < HOPS_MAX && at?.kind === "ref"; hop++) at = linted.definitions.get(at.pointer);
  return at === undefined || at.kind === "ref" ? null : at;
}

function noneShared(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.every((value) => !b.some((candidate) => sameJson(value, candidate)));
}
