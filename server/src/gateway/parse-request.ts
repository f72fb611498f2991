/**
 * Parses the body of `POST /v1/chat/completions`. A member that would change the answer is served, or refused with what
 * to send instead; members that cannot change it, and nulls, are ignored.
 */
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { Refusal } from "../errors.ts";
import { ResponseFormat } from "./parse-format.ts";
import type { AnswerFormat } from "./parse-format.ts";
import { Message, strayToolResult } from "./parse-messages.ts";
import { ToolChoice, Tools } from "./parse-tools.ts";
import type { Tool } from "./parse-tools.ts";
import { parseOrRefuse } from "./request-fault.ts";
import { unservedFields } from "./unserved-fields.ts";

const STOPS_MAX = 4;
const STOP_CHARS_MAX = 200;

/** Stop texts. Empty ones are ignored: each would end every answer before it begins. */
const Stop = z.unknown().transform((value, context): string[] => {
  const list: unknown[] = (Array.isArray(value) ? value : [value]).filter((text) => text != null && text !== "");
  const fits = (text: unknown): text is string => typeof text === "string" && text.length <= STOP_CHARS_MAX;
  if (list.length <= STOPS_MAX && list.every(fits)) return list;
  context.addIssue({
    code: "custom",
    message: `must be a text or at most ${STOPS_MAX} texts of at most ${STOP_CHARS_MAX} characters`,
  });
  return z.NEVER;
});

const ONE_ANSWER = "only one answer per request is supported; send the request again for another";
const TOO_LONG = `has more than ${LIMITS.messagesMax} messages, which is the most one request may have; send the last ones, with a summary of the others`;

const TokenCount = z.int().min(1).nullish();

const Body = z.object({
  model: z.string().min(1).max(120),
  messages: z.array(Message).min(1, "must have at least one message").max(LIMITS.messagesMax, TOO_LONG),
  max_tokens: TokenCount,
  max_completion_tokens: TokenCount,
  temperature: z.number().min(0).max(2).nullish(),
  /** 0 means greedy: only the likeliest token may be chosen. */
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: Stop.nullish().transform((texts) => texts ?? []),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  response_format: ResponseFormat,
  tools: Tools.nullish(),
  tool_choice: ToolChoice.nullish(),
  n: z.literal(1, ONE_ANSWER).nullish(),
  modalities: z.array(z.literal("text", "only text is supported")).nullish(),
});
type Body = z.infer<typeof Body>;
const SERVED: ReadonlySet<string> = new Set(Object.keys(Body.shape));

/** A parsed request whose fields are consistent with each other. */
export interface CompletionRequest {
  model: string;
  messages: Message[];
  /** Null means the server's default. `field` is the name of the member the caller sent, for refusals. */
  maxTokens: { value: number; field: string } | null;
  temperature: number | null;
  topP: number | null;
  seed: number | null;
  stop: string[];
  stream: boolean;
  includeUsage: boolean;
  format: AnswerFormat;
  tools: Tool[];
  toolChoice: ToolChoice;
  /** Ignored members that might have mattered; a header of the answer lists them. */
  ignored: string[];
}

/** Parses a decoded body. @throws {Refusal} invalid_request naming the field and what to send instead */
export function parseRequest(body: unknown): CompletionRequest {
  const ignored = isObject(body) ? unservedFields(body, SERVED) : [];
  const data = parseOrRefuse(Body, body);
  checkTogether(data);
  const tools = data.tools ?? [];
  const toolChoice = tools.length === 0 ? "none" : (data.tool_choice ?? "auto");
  return {
    model: data.model,
    messages: data.messages,
    maxTokens: readMaxTokens(data),
    temperature: data.temperature ?? null,
    topP: data.top_p ?? null,
    seed: data.seed ?? null,
    stop: data.stop,
    stream: data.stream ?? false,
    includeUsage: data.stream_options?.include_usage ?? false,
    format: data.response_format,
    tools,
    toolChoice,
    ignored: isStopIdle(data.stop, data.response_format, toolChoice) ? [...ignored, "stop"] : ignored,
  };
}

/**
 * Whether `stop` has no effect. It ends plain text and a text message beside tools; a JSON value ends by its grammar.
 */
function isStopIdle(stop: string[], format: AnswerFormat, choice: ToolChoice): boolean {
  return stop.length > 0 && (format.kind === "json" || (choice !== "none" && choice !== "auto"));
}

/** Checks rules that concern several fields. @throws {Refusal} invalid_request */
function checkTogether(body: Body): void {
  const names = (body.tools ?? []).map((tool) => tool.function.name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0)
    throw refuse(`tools[${twice}].function.name`, `"${names[twice] ?? ""}" is the name of another tool too`);
  const choice = body.tool_choice ?? "auto";
  const asksForCall = choice === "required" || typeof choice === "object";
  if (asksForCall && names.length === 0) throw refuse("tool_choice", "needs tools; send `tools`, or leave it out");
  if (typeof choice === "object" && !names.includes(choice.name)) {
    throw refuse("tool_choice", `there is no tool "${choice.name.slice(0, 64)}"; there are ${names.join(", ")}`);
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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
