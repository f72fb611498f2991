/**
 * Compiles a caller's JSON Schema into everything that enforces it: the grammar and the closed schema for engines, and
 * the validator that makes the final check of an answer.
 */
import { createHash } from "node:crypto";
import { Ajv } from "ajv";
import type { ValidateFunction } from "ajv";
import type { Constraint } from "@starai/protocol/worker-frames";
import { closedSchema } from "./closed-schema.ts";
import { FORMATS, isFormatted } from "./formats.ts";
import { lintSchema } from "./lint-schema.ts";
import { measureSchema } from "./measure-schema.ts";
import { fault } from "./schema-place.ts";
import { OPENING, opensAs } from "./openings.ts";
import { schemaToGbnf } from "./schema-to-gbnf.ts";
import type { LintedSchema, Opening } from "./shape.ts";
import { withoutNulls } from "./without-nulls.ts";

export interface CompiledConstraint {
  /** The schema as shapes, from which constraints can be combined. */
  readonly linted: LintedSchema;
  /** The part sent to the worker in the lease. */
  readonly constraint: Constraint;
  /** Returns in words why a value does not fit the schema, or null if it fits. */
  readonly validate: (value: unknown) => string | null;
}

/**
 * Compiled schemas in the cache: an agent uses a handful, an API caller rarely more; each has at most 256 KB of
 * grammar.
 */
const CACHE_MAX = 128;

const cache = new Map<string, CompiledConstraint>();

/**
 * Compiles a possibly hostile schema in bounded time, or returns it from the cache.
 * @throws {Refusal} unsupported_schema whose `param` is the JSON pointer of the keyword at fault
 */
export function compileConstraint(schema: unknown): CompiledConstraint {
  const text = measureSchema(schema);
  const key = createHash("sha256").update(text).digest("base64");
  const known = cache.get(key);
  if (known !== undefined) {
    // Moves the entry to the end: the first of the Map is the least recently used.
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const compiled = compile(withoutNulls(JSON.parse(text)));
  cache.set(key, compiled);
  const [oldest] = cache.keys();
  if (cache.size > CACHE_MAX && oldest !== undefined) cache.delete(oldest);
  return compiled;
}

function compile(schema: unknown): CompiledConstraint {
  const linted = lintSchema(schema);
  const gbnf = schemaToGbnf(linted);
  const validator = compileValidator(schema);
  return {
    linted,
    constraint: { gbnf, jsonSchema: closedSchema(linted) },
    validate: (value) => describeFault(validator, value),
  };
}

/** Ajv generates code from the schema, so it must have been linted. */
function compileValidator(schema: unknown): ValidateFunction {
  const ajv = new Ajv({
    strict: true,
    strictTypes: false, // The linter has stricter rules about types.
    allowUnionTypes: true,
    ownProperties: true, // A member called "toString" is absent unless it is really there.
    validateSchema: false, // The linter has checked every keyword.
    allErrors: false,
    inlineRefs: false, // A definition used a thousand times becomes one function.
    logger: false,
    formats: Object.fromEntries(FORMATS.map((format) => [format, (text: string) => isFormatted(format, text)])),
  });
  ajv.addKeyword({
    keyword: OPENING,
    type: "string",
    validate: (opening: Opening, text: string) => opensAs(opening, text),
  });
  try {
    return ajv.compile(withoutIdentity(schema));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw fault("", `the validator refused it (${reason})`);
  }
}

/** `$id` and `$schema` would make Ajv look for other documents. */
function withoutIdentity(schema: unknown): Record<string, unknown> | boolean {
  if (typeof schema === "boolean") return schema;
  const { $id: _id, $schema: _dialect, ...rest } = schema as Record<string, unknown>;
  return rest;
}

function describeFault(validator: ValidateFunction, value: unknown): string | null {
  try {
    if (validator(value)) return null;
  } catch (error) {
    // A recursive schema and a value nested thousands deep exhaust the stack; such a value is invalid.
    if (error instanceof RangeError) return "the value is nested too deep";
    throw error;
  }
  const [first] = validator.errors ?? [];
  return first === undefined
    ? "does not fit the schema"
    : `${first.instancePath || "the value"} ${first.message ?? "is wrong"}`;
}
