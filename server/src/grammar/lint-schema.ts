/**
 * Converts a caller's JSON Schema into shapes that the grammar can enforce, or refuses it with the JSON pointer of the
 * keyword at fault. Nothing is silently relaxed: unknown keywords, bounds that cannot be enforced and contradictions
 * are all refused. Each `$ref` target is linted once, from a queue, so cycles end.
 */
import { Refusal } from "../errors.ts";
import { acceptsValue, sameJson } from "./accepts-value.ts";
import { ANNOTATIONS, COMPOSITES, DEFINITIONS, KEYWORD_TYPE, KNOWN, adviceFor } from "./keywords.ts";
import { lintArray, lintObject } from "./lint-containers.ts";
import { lintInteger, lintNumber, lintString } from "./lint-scalars.ts";
import { checkDisjoint } from "./disjoint.ts";
import { checkSatisfiable } from "./satisfiable.ts";
import { checkReadings } from "./readings.ts";
import { measureSchema } from "./measure-schema.ts";
import { fault, isSchemaObject } from "./schema-place.ts";
import type { Linter, Place, SchemaObject } from "./schema-place.ts";
import { pointerTo } from "./shape.ts";
import type { JsonType, LintedSchema, Shape } from "./shape.ts";
import { checkTypesWithin } from "./shape-types.ts";

export const DEPTH_MAX = 16;
const PROPERTIES_MAX = 500;
const ENUM_VALUES_MAX = 1_000;
/** Each becomes a grammar rule; a schema of 64 KB with more of them was not written by hand. */
const DEFINITIONS_MAX = 500;
const BRANCHES_MAX = 100;

const JSON_TYPES: readonly JsonType[] = ["null", "boolean", "integer", "number", "string", "array", "object"];

type ShapeOf<K extends Shape["kind"]> = Extract<Shape, { kind: K }>;

/** The state of linting one schema: the definitions found, those still to lint, and the counts for the limits. */
class Lint implements Linter {
  readonly definitions = new Map<string, Shape>();
  readonly #root: unknown;
  readonly #queue: Place[] = [];
  readonly #afterwards: (() => void)[] = [];
  #properties = 0;
  #enumValues = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  run(): LintedSchema {
    // The root is a definition like the others, so that `$ref: "#"` finds it and nothing is linted twice.
    const root: Shape = { kind: "ref", pointer: "" };
    this.#enqueue(this.#root, "");
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.definitions.set(next.pointer, this.shape(next));
    }
    const linted = { root, definitions: this.definitions };
    // This check is first: the others follow references and rely on every chain of them ending.
    checkSatisfiable(linted);
    checkReadings(linted);
    for (const check of this.#afterwards) check();
    return linted;
  }

  shape(place: Place): Shape {
    const { schema, pointer, depth } = place;
    if (depth > DEPTH_MAX) throw fault(pointer, `schemas may be nested at most ${DEPTH_MAX} deep; flatten this one`);
    if (schema === true) return { kind: "any" };
    if (schema === false) throw fault(pointer, "`false` allows no value at all; remove this part");
    if (!isSchemaObject(schema)) throw fault(pointer, "a schema is an object");
    this.#checkKeywords(schema, pointer);
    this.#enqueueDefinitions(schema, pointer);
    const composite = COMPOSITES.find((keyword) => keyword in schema);
    const literal = "enum" in schema || "const" in schema;
    if (composite !== undefined) return this.#composite(composite, schema, place);
    const base = this.#typed(schema, place);
    return literal ? this.#literal(schema, pointer, base) : base;
  }

  /** Postpones a check until all definitions are known. */
  later(check: () => void): void {
    this.#afterwards.push(check);
  }

  countProperties(count: number, pointer: string): void {
    this.#properties += count;
    if (this.#properties > PROPERTIES_MAX) {
      throw fault(pointer, `at most ${PROPERTIES_MAX} properties in all are allowed; split the schema`);
    }
  }

  #checkKeywords(schema: SchemaObject, pointer: string): void {
    for (const keyword of Object.keys(schema)) {
      const at = pointerTo(pointer, keyword);
      if (!KNOWN.has(keyword)) throw fault(at, `\`${keyword}\` is not supported: ${adviceFor(keyword)}`);
      if (keyword === "$id" && pointer !== "") throw fault(at, "`$id` is allowed at the root only; leave it out");
    }
  }

  #enqueueDefinitions(schema: SchemaObject, pointer: string): void {
    for (const keyword of DEFINITIONS) {
      if (!(keyword in schema)) continue;
      const definitions = schema[keyword];
      if (!isSchemaObject(definitions))
        throw fault(pointerTo(pointer, keyword), "definitions are an object of schemas");
      for (const [name, definition] of Object.entries(definitions)) {
        this.#enqueue(definition, pointerTo(pointer, keyword, name));
      }
    }
  }

  #enqueue(schema: unknown, pointer: string): void {
    if (this.definitions.has(pointer)) return;
    if (this.definitions.size >= DEFINITIONS_MAX) {
      throw fault(pointer, `at most ${DEFINITIONS_MAX} definitions are allowed; split the schema`);
    }
    this.definitions.set(pointer, { kind: "any" }); // A placeholder until the queue reaches it.
    this.#queue.push({ schema, pointer, depth: 0 });
  }

  #composite(keyword: (typeof COMPOSITES)[number], schema: SchemaObject, place: Place): Shape {
    for (const sibling of Object.keys(schema)) {
      const allowed = sibling === keyword || sibling === "type" || ANNOTATIONS.has(sibling);
      if (allowed || (DEFINITIONS as readonly string[]).includes(sibling)) continue;
      const advice = `\`${sibling}\` beside \`${keyword}\` is not supported: write it inside each branch`;
      throw fault(pointerTo(place.pointer, sibling), advice);
    }
    const shape = keyword === "$ref" ? this.#ref(schema, place) : this.#branches(keyword, schema, place);
    if ("type" in schema) {
      const at = pointerTo(place.pointer, "type");
      const types = readTypes(schema, place.pointer);
      this.later(() => checkTypesWithin({ definitions: this.definitions }, shape, types, at));
    }
    return shape;
  }

  #ref(schema: SchemaObject, place: Place): Shape {
    const at = pointerTo(place.pointer, "$ref");
    const ref = schema["$ref"];
    if (typeof ref !== "string" || !/^#(\/.*)?$/s.test(ref)) {
      throw fault(at, "only local references are followed, e.g. #/$defs/name; copy the schema in");
    }
    const keys = decodePointer(ref, at);
    let target: unknown = this.#root;
    for (const key of keys) {
      const inside = typeof target === "object" && target !== null && Object.hasOwn(target, key);
      if (!inside) throw fault(at, `nothing is at ${ref}; correct the reference`);
      target = (target as SchemaObject)[key];
    }
    const pointer = pointerTo("", ...keys);
    this.#enqueue(target, pointer);
    return { kind: "ref", pointer };
  }

  #branches(keyword: "anyOf" | "oneOf" | "allOf", schema: SchemaObject, place: Place): Shape {
    const at = pointerTo(place.pointer, keyword);
    const branches = schema[keyword];
    if (!Array.isArray(branches) || branches.length === 0) throw fault(at, "needs at least one schema");
    if (branches.length > BRANCHES_MAX) throw fault(at, `at most ${BRANCHES_MAX} branches are allowed`);
    if (keyword === "allOf" && branches.length > 1) {
      throw fault(at, "`allOf` with several schemas is not supported: merge them into one");
    }
    const members = branches.map((branch: unknown, index) =>
      this.shape({ schema: branch, pointer: pointerTo(at, index), depth: place.depth + 1 }),
    );
    const [only] = members;
    if (members.length === 1 && only !== undefined) return only;
    if (keyword === "oneOf") this.later(() => checkDisjoint({ definitions: this.definitions }, members, at));
    return { kind: "union", members };
  }

  #typed(schema: SchemaObject, place: Place): Shape {
    const spoken = Object.keys(schema).filter((keyword) => KEYWORD_TYPE.has(keyword));
    const loose = !("type" in schema);
    const types = loose ? impliedTypes(spoken, place.pointer) : readTypes(schema, place.pointer);
    if (types === null) return { kind: "any" };
    for (const keyword of spoken) {
      const wanted = KEYWORD_TYPE.get(keyword);
      const fits = types.some((type) => type === wanted || (wanted === "number" && type === "integer"));
      if (!fits) {
        const said = types.join(" or ");
        throw fault(pointerTo(place.pointer, keyword), `\`${keyword}\` says nothing about ${said}; remove it`);
      }
    }
    const shapes = types.map((type) => this.#ofType(type, schema, place, loose));
    const [only] = shapes;
    return shapes.length === 1 && only !== undefined ? only : { kind: "union", members: shapes };
  }

  #ofType(type: JsonType, schema: SchemaObject, place: Place, loose: boolean): Shape {
    switch (type) {
      case "null":
      case "boolean":
        return { kind: type };
      case "integer":
        return lintInteger(schema, place.pointer);
      case "number":
        return lintNumber(schema, place.pointer);
      case "string":
        return lintString(schema, place.pointer);
      case "array":
        return lintArray(this, schema, place, loose);
      case "object":
        return lintObject(this, schema, place, loose);
    }
  }

  #literal(schema: SchemaObject, pointer: string, base: Shape): ShapeOf<"literal"> {
    const listed = "enum" in schema ? readEnum(schema["enum"], pointerTo(pointer, "enum")) : null;
    this.#enumValues += listed?.length ?? 0;
    if (this.#enumValues > ENUM_VALUES_MAX) {
      throw fault(pointerTo(pointer, "enum"), `at most ${ENUM_VALUES_MAX} enum values in all are allowed`);
    }
    let values = listed ?? [];
    if ("const" in schema) {
      const only = schema["const"];
      if (listed !== null && !listed.some((value) => sameJson(value, only))) {
        throw fault(pointerTo(pointer, "const"), "`const` is not among the `enum` values; no value fits both");
      }
      values = [only];
    }
    const fromEnum = !("const" in schema);
    this.later(() => {
      for (const [index, value] of values.entries()) {
        if (acceptsValue({ definitions: this.definitions }, base, value)) continue;
        const at = fromEnum ? pointerTo(pointer, "enum", index) : pointerTo(pointer, "const");
        throw fault(at, "this value does not fit the keywords beside it (type, bounds); correct one of them");
      }
    });
    return { kind: "literal", values };
  }
}

/** Lints a possibly hostile schema in bounded time. @throws {Refusal} unsupported_schema with the JSON pointer */
export function lintSchema(schema: unknown): LintedSchema {
  measureSchema(schema);
  return new Lint(schema).run();
}

function readTypes(schema: SchemaObject, pointer: string): JsonType[] {
  const at = pointerTo(pointer, "type");
  const given: unknown[] = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  const types = given.map((type) => {
    const known = JSON_TYPES.find((name) => name === type);
    if (known === undefined) throw fault(at, `a type is one of ${JSON_TYPES.join(", ")}`);
    return known;
  });
  if (types.length === 0) throw fault(at, "an empty list of types allows no value at all");
  if (new Set(types).size !== types.length) throw fault(at, "name each type once");
  if ("nullable" in schema) {
    if (typeof schema["nullable"] !== "boolean") throw fault(pointerTo(pointer, "nullable"), "is true or false");
    if (schema["nullable"] && !types.includes("null")) types.push("null");
  }
  // Every integer is a number.
  return types.includes("number") ? types.filter((type) => type !== "integer") : types;
}

/**
 * Infers a missing `type` from the keywords, which must all imply the same one. Without keywords any value is allowed.
 */
function impliedTypes(spoken: readonly string[], pointer: string): JsonType[] | null {
  const types = new Set(spoken.map((keyword) => KEYWORD_TYPE.get(keyword)));
  if (types.size > 1) throw fault(pointer, "its keywords speak about several types; say which with `type`");
  const [type] = types;
  return type === undefined ? null : [type];
}

function readEnum(value: unknown, pointer: string): unknown[] {
  if (!Array.isArray(value)) throw fault(pointer, "`enum` is a list of values");
  if (value.length === 0) throw fault(pointer, "an empty `enum` allows no value at all");
  return value;
}

function decodePointer(ref: string, at: string): string[] {
  try {
    const keys = decodeURIComponent(ref.slice(1)).split("/").slice(1);
    return keys.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch (error) {
    throw new Refusal("unsupported_schema", `The reference at ${at} is not a valid URI fragment; correct it.`, {
      param: at,
      cause: error,
    });
  }
}
