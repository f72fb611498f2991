/**
 * Limits a schema's ambiguity: the number of ways to parse one text. If branches of `anyOf` begin alike, engine and
 * validator try each of them. Nested, these ways multiply, and a few dozen small definitions would keep both busy
 * forever. So the ways are counted from the schema and limited.
 *
 * A parser distinguishes branches by JSON type, and objects by their first member: its name or its constant. So only
 * several arrays, or several objects that begin alike, multiply the ways.
 */
import { fault } from "./schema-place.ts";
import type { LintedSchema, PropertyShape, Shape } from "./shape.ts";

/** Most ways at once: each costs the engine a stack, and the validator another pass over the value. */
const READINGS_MAX = 64;
/** Most branches of one union, including those of nested unions and references. */
const ALTERNATIVES_MAX = 1_000;
/** Most shapes visited: about a hundred times the number in a schema of 64 KB. */
const STEPS_MAX = 200_000;

/** Requires `checkSatisfiable`, which excludes left recursion. @throws {Refusal} unsupported_schema with the pointer */
export function checkReadings({ definitions }: LintedSchema): void {
  const check = new ReadingsCheck(definitions);
  // Visits every definition, also those that the root does not reach: keywords beside an `enum` are checked later.
  for (const pointer of definitions.keys()) check.follow({ kind: "ref", pointer }, 1, pointer);
}

class ReadingsCheck {
  readonly #definitions: ReadonlyMap<string, Shape>;
  /** The most ways in which each definition was reached. */
  readonly #reached = new Map<string, number>();
  #steps = 0;

  constructor(definitions: ReadonlyMap<string, Shape>) {
    this.#definitions = definitions;
  }

  /** Visits all shapes inside one that can be parsed in `ways` ways. A cycle that multiplies them ends at the limit. */
  follow(shape: Shape, ways: number, pointer: string): void {
    this.#step(pointer);
    if (ways > READINGS_MAX) {
      const advice =
        "too many branches of nested `anyOf` begin alike; give each object its own constant as first member";
      throw fault(pointer, advice);
    }
    switch (shape.kind) {
      case "ref": {
        const target = this.#definitions.get(shape.pointer);
        if (target === undefined || (this.#reached.get(shape.pointer) ?? 0) >= ways) return;
        this.#reached.set(shape.pointer, ways);
        return this.follow(target, ways, shape.pointer);
      }
      case "union": {
        const alternatives: Shape[] = [];
        this.#flatten(shape, alternatives, pointer);
        const inside = ways * this.#alike(alternatives, pointer);
        for (const alternative of new Set(alternatives)) this.follow(alternative, inside, pointer);
        return;
      }
      case "array":
        return this.follow(shape.item, ways, pointer);
      case "map":
        return this.follow(shape.value, ways, pointer);
      case "object":
        for (const property of shape.properties) this.follow(property.shape, ways, pointer);
        return;
      case "any":
      case "null":
      case "boolean":
      case "integer":
      case "number":
      case "string":
      case "format":
      case "literal":
        return;
    }
  }

  /** Collects the branches of a union, including those of nested unions and references. */
  #flatten(shape: Shape, into: Shape[], pointer: string): void {
    this.#step(pointer);
    if (shape.kind === "union") {
      for (const member of shape.members) this.#flatten(member, into, pointer);
    } else if (shape.kind === "ref") {
      const target = this.#definitions.get(shape.pointer);
      if (target !== undefined) this.#flatten(target, into, pointer);
    } else {
      into.push(shape);
      if (into.length > ALTERNATIVES_MAX) {
        throw fault(pointer, `one place has more than ${ALTERNATIVES_MAX} branches; remove doubles`);
      }
    }
  }

  /** The most branches that can begin with the same text. */
  #alike(alternatives: readonly Shape[], pointer: string): number {
    const arrays = alternatives.filter((shape) => shape.kind === "array").length;
    const maps = alternatives.filter((shape) => shape.kind === "map").length;
    const objects = alternatives.flatMap((shape) => (shape.kind === "object" ? [shape.properties] : []));
    return Math.max(1, arrays, maps + this.#objectsAlike(objects, pointer));
  }

  #objectsAlike(objects: readonly (readonly PropertyShape[])[], pointer: string): number {
    const byName = new Map<string, { open: number; fixed: Map<string, number> }>();
    for (const properties of objects) {
      for (const { name, shape } of firstMembers(properties)) {
        this.#step(pointer);
        const bucket = byName.get(name) ?? { open: 0, fixed: new Map() };
        byName.set(name, bucket);
        if (shape.kind !== "literal") bucket.open++;
        else for (const value of shape.values) addOne(bucket.fixed, JSON.stringify(value));
      }
    }
    const counts = [...byName.values()].map(({ open, fixed }) => open + Math.max(0, ...fixed.values()));
    return Math.max(0, ...counts);
  }

  #step(pointer: string): void {
    if (++this.#steps > STEPS_MAX) throw fault(pointer, "its branches and references are too tangled; simplify them");
  }
}

/** Members that can come first in an object's text: all up to the first required one. */
function firstMembers(properties: readonly PropertyShape[]): readonly PropertyShape[] {
  const required = properties.findIndex((property) => property.required);
  return required === -1 ? properties : properties.slice(0, required + 1);
}

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
