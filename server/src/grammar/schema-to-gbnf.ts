/**
 * Writes shapes as llama.cpp grammar text, for compact JSON without white space and with members in the schema's order.
 * Every composite is a named rule, so repetitions nest without limit and the text grows linearly with the schema.
 */
import { FORMAT_RULES } from "./formats.ts";
import { integerRange, numberRange } from "./gbnf-numbers.ts";
import { GbnfRules, gbnfLiteral } from "./gbnf-rules.ts";
import { ITEMS_MAX } from "./lint-containers.ts";
import { STRING_LENGTH_MAX } from "./lint-scalars.ts";
import { openingContent } from "./openings.ts";
import type { LintedSchema, PropertyShape, Shape } from "./shape.ts";

type ShapeOf<K extends Shape["kind"]> = Extract<Shape, { kind: K }>;

/** Greatest nesting of "any" values: enough for records, and too little to overflow a parser's stack. */
const ANY_DEPTH = 6;

/**
 * One character of a string. Escapes of surrogates are excluded, because a pair would count as two characters here and
 * as one in the validator; U+0000, because PostgreSQL cannot store it in jsonb.
 */
const CHARACTER = String.raw`[^"\\\x00-\x1f] | "\\" (["\\/bfnrt] | "u" char-code)`;
const CHARACTER_CODE = String.raw`[1-9a-cA-CefEF] hex{3} | [dD] [0-7] hex{2} | "0" [1-9a-fA-F] hex{2} | "00" [1-9a-fA-F] hex | "000" [1-9a-fA-F]`;

/** Returns the grammar text of a linted schema. @throws {Refusal} unsupported_schema when it is too big */
export function schemaToGbnf(linted: LintedSchema): string {
  const writer = new GrammarWriter(linted);
  return writer.text();
}

class GrammarWriter {
  readonly #linted: LintedSchema;
  readonly #rules = new GbnfRules();
  /** Rule names of definitions by pointer. */
  readonly #definitions = new Map<string, string>();

  constructor(linted: LintedSchema) {
    this.#linted = linted;
  }

  text(): string {
    const root = this.#expression(this.#linted.root);
    // Writing a definition may add further ones to the map; the loop reaches them too.
    const written = new Set<string>();
    for (const [pointer, name] of this.#definitions) {
      const shape = this.#linted.definitions.get(pointer);
      if (shape === undefined || written.has(pointer)) continue;
      written.add(pointer);
      this.#rules.define(name, this.#expression(shape));
    }
    return this.#rules.text(root);
  }

  /** Grammar text that can be used inside a sequence: anything but a rule's name becomes a rule. */
  #term(shape: Shape): string {
    const expression = this.#expression(shape);
    return /^[a-z0-9-]+$/.test(expression) ? expression : this.#rules.share(expression);
  }

  #expression(shape: Shape): string {
    switch (shape.kind) {
      case "any":
        return this.#any(ANY_DEPTH);
      case "null":
        return `"null"`;
      case "boolean":
        return this.#rules.define("boolean", `"true" | "false"`);
      case "integer":
        return this.#rules.share(integerRange(shape.min, shape.max));
      case "number":
        return this.#rules.share(numberRange(shape.min, shape.max));
      case "string":
        return this.#string(shape);
      case "format":
        return `"\\"" ${this.#format(shape.format)} "\\""`;
      case "literal":
        return shape.values.map((value) => gbnfLiteral(JSON.stringify(value))).join(" | ");
      case "object":
        return this.#object(shape.properties);
      case "map":
        return this.#map(this.#term(shape.value));
      case "array":
        return this.#array(shape);
      case "union":
        return shape.members.map((member) => this.#term(member)).join(" | ");
      case "ref":
        return this.#definition(shape.pointer);
    }
  }

  #definition(pointer: string): string {
    const known = this.#definitions.get(pointer);
    if (known !== undefined) return known;
    const name = `d${this.#definitions.size}`;
    this.#definitions.set(pointer, name);
    return name;
  }

  #string(shape: Omit<ShapeOf<"string">, "kind">): string {
    const max = shape.max === null ? null : Math.min(shape.max, STRING_LENGTH_MAX);
    const character = this.#character();
    const content =
      shape.opening === undefined || max === null
        ? this.#rules.repeat(character, shape.min, max)
        : openingContent(shape.opening, this.#rules, character, max);
    return this.#rules.share(`"\\"" ${content} "\\""`);
  }

  #character(): string {
    this.#rules.define("hex", FORMAT_RULES["hex"] ?? "");
    this.#rules.define("char-code", CHARACTER_CODE);
    return this.#rules.define("char", CHARACTER);
  }

  /** Defines the rule and every format rule it uses. */
  #format(name: string): string {
    const body = FORMAT_RULES[name];
    if (body === undefined || this.#rules.has(name)) return name;
    this.#rules.define(name, body);
    for (const used of body.match(/[a-z][a-z0-9-]*/g) ?? []) this.#format(used);
    return name;
  }

  /**
   * Members in order, with any subset of the optional ones. An optional member before the first required one may be the
   * first written, and then has no comma, so it has two continuations; all rules together still grow linearly.
   */
  #object(properties: readonly PropertyShape[]): string {
    const members = properties.map(({ name, shape }) =>
      this.#rules.share(`${gbnfLiteral(`${JSON.stringify(name)}:`)} ${this.#term(shape)}`),
    );
    const firstRequired = properties.findIndex((property) => property.required);
    const openCount = firstRequired === -1 ? properties.length : firstRequired;
    const rest = members.map((member, index) =>
      properties[index]?.required === true ? `"," ${member}` : `("," ${member})?`,
    );
    // `after`: what may follow a written member, from each position on; shared by all optional beginnings.
    let after = rest.slice(openCount + 1).join(" ");
    let start = firstRequired === -1 ? "" : [members[openCount], after].join(" ").trim();
    if (firstRequired !== -1) after = [rest[openCount], after].join(" ").trim();
    for (let index = openCount - 1; index >= 0; index--) {
      const tail = after === "" ? "" : this.#rules.share(after);
      const otherwise = start === "" ? "" : this.#rules.share(start);
      const chosen = [members[index], tail].join(" ").trim();
      start = otherwise === "" ? `(${chosen})?` : `${chosen} | ${otherwise}`;
      after = `${rest[index] ?? ""} ${tail}`.trim();
    }
    if (start === "") return `"{}"`;
    return `"{" ${this.#rules.share(start)} "}"`;
  }

  #map(value: string): string {
    const member = this.#rules.share(`${this.#string({ min: 0, max: null })} ":" ${value}`);
    return `"{" (${member} ("," ${member})*)? "}"`;
  }

  #array(shape: ShapeOf<"array">): string {
    const max = shape.max === null ? null : Math.min(shape.max, ITEMS_MAX);
    if (max === 0) return `"[]"`;
    const item = this.#term(shape.item);
    const next = this.#rules.share(`"," ${item}`);
    const many =
      `${item} ${this.#rules.repeat(next, Math.max(0, shape.min - 1), max === null ? null : max - 1)}`.trim();
    return shape.min === 0 ? `"[" (${many})? "]"` : `"[" ${many} "]"`;
  }

  #any(depth: number): string {
    const name = `any${depth}`;
    if (this.#rules.has(name)) return name;
    const scalars = [
      this.#string({ min: 0, max: null }),
      this.#rules.share(numberRange(null, null)),
      this.#expression({ kind: "boolean" }),
      `"null"`,
    ];
    if (depth === 0) return this.#rules.define(name, scalars.join(" | "));
    const inner = this.#any(depth - 1);
    const list = `"[" (${inner} ("," ${inner})*)? "]"`;
    return this.#rules.define(name, [...scalars, this.#map(inner), list].join(" | "));
  }
}
