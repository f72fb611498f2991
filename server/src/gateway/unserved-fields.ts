/**
 * Members of a request that are not served. A member that carries the caller's meaning is refused with what to send
 * instead; all others are ignored, and a header of the answer lists those that might have mattered.
 */
import { Refusal } from "../errors.ts";

/** Ignored without being listed: OpenAI's bookkeeping and performance hints, which cannot change an answer. */
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

/** What to send instead, by member. */
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

/** Most names in the header, which only helps people debug; further ones are left out. */
const NOTED_MAX = 20;
const NOTED_FORM = /^[\w.-]{1,40}$/;

/** Returns the ignored members that might have mattered. @throws {Refusal} invalid_request */
export function unservedFields(body: Readonly<Record<string, unknown>>, served: ReadonlySet<string>): string[] {
  const left = Object.keys(body).filter((name) => !served.has(name) && !SILENT.has(name) && !isEmpty(body[name]));
  for (const name of left) {
    const advice = Object.hasOwn(INSTEAD, name) && !isHarmless(name, body[name]) ? INSTEAD[name] : undefined;
    if (advice !== undefined) throw new Refusal("invalid_request", `${name}: ${advice}.`, { param: name });
  }
  return left.filter((name) => NOTED_FORM.test(name)).slice(0, NOTED_MAX);
}

/** Whether the value can be ignored: `function_call` of `auto` or `none` has no effect without `functions`. */
function isHarmless(name: string, value: unknown): boolean {
  return name === "function_call" && (value === "auto" || value === "none");
}

/** Whether the value means the same as leaving the member out; clients send 0 for "no penalty". */
function isEmpty(value: unknown): boolean {
  if (value == null || value === false || value === "" || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
