/** Converts zod's errors into one refusal, which names the field and says in a sentence what to send. */
import type { z } from "zod";
import { Refusal } from "../errors.ts";

/** Parses a value from outside by its zod schema. @throws {Refusal} invalid_request about the first invalid field */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  // Messages given in the schema come first, then those of `sentenceOf`; zod's own are never used.
  const parsed = schema.safeParse(value, { error: sentenceOf });
  if (parsed.success) return parsed.data;
  throw requestFault(parsed.error);
}

/** Reports the first fault of a failed parse. Fields are named as in the official API, e.g. `messages[3].content`. */
function requestFault(error: z.ZodError): Refusal {
  const issue = error.issues[0];
  const param = fieldName(issue?.path ?? []);
  const sentence = `${param === "" ? "The body" : param}: ${issue?.message ?? "does not fit"}.`;
  return new Refusal("invalid_request", sentence, param === "" ? {} : { param });
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === "number") return `${name}[${key}]`;
    return name === "" ? String(key) : `${name}.${String(key)}`;
  }, "");
}

/** Words zod's issue as what to send instead. */
function sentenceOf(issue: z.core.$ZodRawIssue): string {
  if (issue.code === "invalid_type") {
    if (issue.expected === "nonoptional") return "is missing";
    const wanted = KINDS[issue.expected] ?? issue.expected;
    return issue.input === undefined ? `is missing; send ${wanted}` : `must be ${wanted}, not ${kindOf(issue.input)}`;
  }
  if (issue.code === "too_small")
    return `must be ${issue.inclusive === false ? "more than" : "at least"} ${amountOf(issue.minimum, issue.origin)}`;
  if (issue.code === "too_big")
    return `must be ${issue.inclusive === false ? "less than" : "at most"} ${amountOf(issue.maximum, issue.origin)}`;
  if (issue.code === "invalid_value")
    return `must be ${issue.values.map((value) => JSON.stringify(value) ?? String(value)).join(" or ")}`;
  return "does not fit; see the API's description";
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "so big a number" : "a fraction";
  return typeof value === "boolean" ? String(value) : (KINDS[typeof value] ?? typeof value);
}

function amountOf(bound: number | bigint, origin: string): string {
  if (origin === "string") return `${bound} characters long`;
  return origin === "array" ? `${bound} long` : String(bound);
}
