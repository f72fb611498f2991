/**
 * Members of a request that are not served. Where ignoring one would lose what the caller means, it is refused with
 * what to send instead; every other is ignored, and the answer's header names those that might have mattered.
 */
import { Refusal } from "../errors.ts";

/** Bookkeeping of the official service and hints of speed, which cannot change an answer: not worth a note. */
const SILENT = new Set([
  "user",
  "metadata",
  "store",
  "service_tier",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "prediction",
  // A step is one call at a time, which either value allows.
  "parallel_tool_calls",
]);

const FORM = "is not served; send `response_format` with a JSON schema instead";

/** By name, what to send instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  functions: 'is not served; send `tools` instead, each as {"type":"function","function":{…}}',
  function_call: "is not served; send `tools` and `tool_choice` instead",
  prompt: "is not served; send `messages` instead",
  input: "is not served; send `messages` instead",
  logprobs: "log probabilities are not supported; leave it out",
  logit_bias: "token biases are not supported; say in the messages what to avoid",
  web_search_options: "the pool's models do not search the web; send what they should read in the messages",
  guided_json: FORM,
  guided_regex: FORM,
  guided_choice: FORM,
  guided_grammar: FORM,
  grammar: FORM,
  json_schema: FORM,
};

/** Noted names are a help for people, so a few of them do; the rest is counted out. */
const NOTED_MAX = 20;
const NOTED_FORM = /^[\w.-]{1,40}$/;

/** Names of the members that were ignored and might have mattered. @throws {Refusal} invalid_request */
export function unservedFields(body: Readonly<Record<string, unknown>>, served: ReadonlySet<string>): string[] {
  const left = Object.keys(body).filter((name) => !served.has(name) && !SILENT.has(name) && !isEmpty(body[name]));
  for (const name of left) {
    const advice = Object.hasOwn(INSTEAD, name) && !isHarmless(name, body[name]) ? INSTEAD[name] : undefined;
    if (advice !== undefined) throw new Refusal("invalid_request", `${name}: ${advice}.`, { param: name });
  }
  return left.filter((name) => NOTED_FORM.test(name)).slice(0, NOTED_MAX);
}

/** Without functions there is nothing to choose from. */
function isHarmless(name: string, value: unknown): boolean {
  return name === "function_call" && (value === "auto" || value === "none");
}

/** Values by which clients say that they want nothing of it; 0 is no penalty. */
function isEmpty(value: unknown): boolean {
  if (value == null || value === false || value === "" || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
