/**
 * The door of `POST /v1/chat/completions`: the official body, strict. What would change the answer and is not
 * supported is refused by name; what cannot change it (bookkeeping of the official service) is accepted and ignored.
 */
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { Refusal } from "../errors.ts";
import { Message, strayToolResult } from "./parse-messages.ts";
import { requestFault } from "./request-fault.ts";

const STOPS_MAX = 4;
const STOP_CHARS_MAX = 200;

const Stop = z.unknown().transform((value, context): string[] => {
  const list: unknown[] = Array.isArray(value) ? value : value == null ? [] : [value];
  const fits = (text: unknown): text is string =>
    typeof text === "string" && text !== "" && text.length <= STOP_CHARS_MAX;
  if (list.length <= STOPS_MAX && list.every(fits)) return list;
  context.addIssue({
    code: "custom",
    message: `must be a text or at most ${STOPS_MAX} texts of 1 to ${STOP_CHARS_MAX} characters`,
  });
  return z.NEVER;
});

const ToolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -");

const Tool = z.strictObject({
  type: z.literal("function", "only function tools are supported"),
  function: z.strictObject({
    name: ToolName,
    description: z.string().max(4_000).nullish(),
    parameters: z.unknown().optional(),
    strict: z.boolean().nullish(),
  }),
});
export type Tool = z.infer<typeof Tool>;

const ToolChoice = z.unknown().transform((value, context): "none" | "auto" | "required" | { name: string } => {
  if (value === "none" || value === "auto" || value === "required") return value;
  const named = z
    .strictObject({ type: z.literal("function"), function: z.strictObject({ name: ToolName }) })
    .safeParse(value);
  if (named.success) return { name: named.data.function.name };
  context.addIssue({
    code: "custom",
    message: 'must be none, auto, required or {"type":"function","function":{"name":"…"}}',
  });
  return z.NEVER;
});

const ResponseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: ToolName,
      description: z.string().max(4_000).nullish(),
      schema: z.record(z.string(), z.unknown()),
      /** The schema is always kept strictly. */
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** Accepted because clients send them, ignored because they cannot change the answer. */
const IGNORED = {
  user: z.string().max(1_000).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  service_tier: z.string().max(100).nullish(),
  safety_identifier: z.string().max(1_000).nullish(),
  prompt_cache_key: z.string().max(1_000).nullish(),
  prompt_cache_retention: z.string().max(100).nullish(),
  /** A step is one call at a time, which either value allows. */
  parallel_tool_calls: z.boolean().nullish(),
};

/** Accepted only with the value that changes nothing. */
const NEUTRAL = {
  n: z.literal(1, "only one answer per request is supported; send the request again for another").nullish(),
  frequency_penalty: z.literal(0, "only 0 is supported").nullish(),
  presence_penalty: z.literal(0, "only 0 is supported").nullish(),
  logprobs: z.literal(false, "log probabilities are not supported").nullish(),
  logit_bias: z.record(z.string(), z.never("token biases are not supported")).nullish(),
  modalities: z.array(z.literal("text", "only text is supported")).nullish(),
};

const TokenCount = z.int().min(1).nullish();

const Body = z.strictObject({
  model: z.string().min(1).max(120),
  messages: z.array(Message).min(1).max(LIMITS.messagesMax),
  max_tokens: TokenCount,
  max_completion_tokens: TokenCount,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: Stop.optional(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .nullish(),
  response_format: ResponseFormat.nullish(),
  tools: z.array(Tool).max(LIMITS.toolsMax).nullish(),
  tool_choice: ToolChoice.optional(),
  ...IGNORED,
  ...NEUTRAL,
});
type Body = z.infer<typeof Body>;

/** A completion request whose parts fit each other. */
export interface CompletionRequest {
  model: string;
  messages: Message[];
  /** Null: the server's default. `field` names what the caller wrote, for refusals. */
  maxTokens: { value: number; field: string } | null;
  temperature: number | null;
  topP: number | null;
  seed: number | null;
  stop: string[];
  stream: boolean;
  includeUsage: boolean;
  format: NonNullable<Body["response_format"]>;
  tools: Tool[];
  toolChoice: "none" | "auto" | "required" | { name: string };
}

/** Reads a decoded body. @throws {Refusal} invalid_request naming the field and its bound */
export function parseRequest(body: unknown): CompletionRequest {
  const parsed = Body.safeParse(body);
  if (!parsed.success) throw requestFault(parsed.error);
  const { data } = parsed;
  checkTogether(data);
  const tools = data.tools ?? [];
  return {
    model: data.model,
    messages: data.messages,
    maxTokens: readMaxTokens(data),
    temperature: data.temperature ?? null,
    topP: data.top_p ?? null,
    seed: data.seed ?? null,
    stop: data.stop ?? [],
    stream: data.stream ?? false,
    includeUsage: data.stream_options?.include_usage ?? false,
    format: data.response_format ?? { type: "text" },
    tools,
    toolChoice: data.tool_choice ?? (tools.length === 0 ? "none" : "auto"),
  };
}

/** What single fields cannot say. */
function checkTogether(body: Body): void {
  const names = (body.tools ?? []).map((tool) => tool.function.name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0)
    throw refuse(`tools[${twice}].function.name`, `"${names[twice] ?? ""}" is the name of another tool too`);
  const choice = body.tool_choice;
  if (choice !== undefined && choice !== "none" && names.length === 0) throw refuse("tool_choice", "needs tools");
  if (typeof choice === "object" && !names.includes(choice.name)) {
    throw refuse("tool_choice", `there is no tool "${choice.name}"; there are ${names.join(", ")}`);
  }
  if (body.stream_options != null && body.stream !== true)
    throw refuse("stream_options", "is allowed only with stream: true");
  const formed = (names.length > 0 && choice !== "none") || (body.response_format ?? { type: "text" }).type !== "text";
  if (formed && (body.stop ?? []).length > 0) {
    throw refuse(
      "stop",
      "cannot be combined with tools or a JSON response format, whose form says where the answer ends; remove it",
    );
  }
  const stray = strayToolResult(body.messages);
  if (stray !== null) {
    throw refuse(
      `messages[${stray}].tool_call_id`,
      "answers no tool call before it; send the assistant message with that call too",
    );
  }
}

function readMaxTokens(body: Body): CompletionRequest["maxTokens"] {
  const { max_tokens: older, max_completion_tokens: newer } = body;
  if (older != null && newer != null && older !== newer) {
    throw refuse("max_tokens", "contradicts max_completion_tokens; send one of them");
  }
  if (newer != null) return { value: newer, field: "max_completion_tokens" };
  return older == null ? null : { value: older, field: "max_tokens" };
}

function refuse(param: string, message: string): Refusal {
  return new Refusal("invalid_request", `${param}: ${message}.`, { param });
}
