/**
 * Restricts a tool's schema to JSON objects, because every client parses a call's arguments as an object. An empty
 * schema means a tool without arguments; of several alternatives only the objects are kept.
 */
import { closedSchema } from "../grammar/closed-schema.ts";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import type { CompiledConstraint } from "../grammar/compile-constraint.ts";
import { fault } from "../grammar/schema-place.ts";
import { schemaToGbnf } from "../grammar/schema-to-gbnf.ts";
import type { LintedSchema, Shape } from "../grammar/shape.ts";

export const NO_ARGUMENTS = { type: "object", properties: {}, additionalProperties: false };

const ADVICE =
  'arguments are always a JSON object; send {"type":"object","properties":{…}}, with what you want as a property';

/** Returns the form restricted to objects. @throws {Refusal} unsupported_schema if no object fits it */
export function argumentsForm(compiled: CompiledConstraint): CompiledConstraint {
  const forms = alternatives(compiled.linted);
  const objects = forms.flatMap(objectsOf);
  const [first] = objects;
  if (first === undefined) {
    if (forms.some(({ kind }) => kind === "any")) return compileConstraint(NO_ARGUMENTS);
    throw fault("", ADVICE);
  }
  if (objects.length === forms.length && objects.every((shape, index) => shape === forms[index])) return compiled;
  const root: Shape = objects.length === 1 ? first : { kind: "union", members: objects };
  const linted = { root, definitions: compiled.linted.definitions };
  return {
    linted,
    constraint: { gbnf: schemaToGbnf(linted), jsonSchema: closedSchema(linted) },
    validate: (value) => (isObject(value) ? compiled.validate(value) : "the arguments are not an object"),
  };
}

/** The root's alternatives, with unions and references expanded; each reference once, so that cycles end. */
function alternatives({ root, definitions }: LintedSchema): Shape[] {
  const found: Shape[] = [];
  const seen = new Set<string>();
  const open = [root];
  for (let shape = open.pop(); shape !== undefined; shape = open.pop()) {
    if (shape.kind === "union") open.push(...shape.members.toReversed());
    else if (shape.kind !== "ref") found.push(shape);
    else if (!seen.has(shape.pointer)) {
      seen.add(shape.pointer);
      const target = definitions.get(shape.pointer);
      if (target !== undefined) open.push(target);
    }
  }
  return found;
}

function objectsOf(shape: Shape): Shape[] {
  if (shape.kind === "object" || shape.kind === "map") return [shape];
  if (shape.kind !== "literal") return [];
  const values = shape.values.filter(isObject);
  if (values.length === shape.values.length) return [shape];
  return values.length === 0 ? [] : [{ kind: "literal", values }];
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
