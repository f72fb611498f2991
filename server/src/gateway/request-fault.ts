/** A body that does not fit, as one refusal that names the field and says what would fit. */
import type { z } from "zod";
import { Refusal } from "../errors.ts";

type Issue = z.core.$ZodIssue;

/** The first fault of a failed parse. Fields are named as in the official API, e.g. `messages[3].content`. */
export function requestFault(error: z.ZodError): Refusal {
  const issue = error.issues[0];
  if (issue === undefined)
    return new Refusal("invalid_request", "The request does not fit; see the API's description.");
  const [unknown] = issue.code === "unrecognized_keys" ? issue.keys : [];
  const param = fieldName(unknown === undefined ? issue.path : [...issue.path, unknown]);
  const about = unknown === undefined ? issue.message : `this field is not supported here; remove it`;
  return new Refusal(
    "invalid_request",
    `${param === "" ? "The body" : param}: ${advice(issue, about)}`,
    param === "" ? {} : { param },
  );
}

function advice(issue: Issue, message: string): string {
  const missing = issue.code === "invalid_type" && message.endsWith("received undefined");
  return missing ? `this field is required (${issue.expected})` : message;
}

export function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === "number") return `${name}[${key}]`;
    return name === "" ? String(key) : `${name}.${String(key)}`;
  }, "");
}
