/**
 * Parses the messages of a chat completion: roles and text. Clients send members of their own and of other servers:
 * those that cannot change the answer are ignored, and content that would be lost is refused.
 */
import { z } from "zod";

const TEXT_CHARS_MAX = 1_000_000;
/** Some providers put a signature of kilobytes into a call's id. Ids are only compared, never shown to a model. */
const CALL_ID_CHARS_MAX = 65_536;
/** As many calls as a request may have tools. */
const CALLS_MAX = 128;

/** The member that holds a part's text, by the part's type; some types are the Responses API's. */
const TEXT_MEMBERS: Readonly<Record<string, "text" | "refusal">> = {
  text: "text",
  input_text: "text",
  output_text: "text",
  refusal: "refusal",
};

/** Types of parts that hold a model's reasoning, which is not part of its answer. */
const THOUGHTS = new Set(["thinking", "redacted_thinking", "reasoning"]);

const UNREADABLE: Readonly<Record<string, string>> = {
  image_url: "images",
  input_image: "images",
  image: "images",
  input_audio: "audio",
  file: "files",
  input_file: "files",
};

/** A string, or a list of text parts, which are concatenated. */
const Content = z
  .unknown()
  .transform((value, context): string => {
    if (typeof value === "string") return value;
    if (!Array.isArray(value)) {
      context.addIssue({ code: "custom", message: "must be a text or a list of text parts" });
      return z.NEVER;
    }
    const texts = value.map((part: unknown, index) => {
      const read = readPart(part);
      if ("fault" in read) context.addIssue({ code: "custom", message: read.fault, path: [index] });
      return "fault" in read ? "" : read.text;
    });
    return texts.join("");
  })
  .refine((text) => text.length <= TEXT_CHARS_MAX, `must be at most ${TEXT_CHARS_MAX} characters`);

/** Reads null and an absent member as the empty text, for roles where that loses nothing. */
const ContentOrNothing = Content.nullish().transform((text) => text ?? "");

function readPart(part: unknown): { text: string } | { fault: string } {
  if (typeof part === "string") return { text: part };
  const members = typeof part === "object" && part !== null ? (part as Readonly<Record<string, unknown>>) : {};
  const type = typeof members.type === "string" ? members.type : "";
  if (THOUGHTS.has(type)) return { text: "" };
  const unreadable = Object.hasOwn(UNREADABLE, type) ? UNREADABLE[type] : undefined;
  if (unreadable !== undefined) return { fault: `the pool's models cannot read ${unreadable}; describe them in text` };
  const member = Object.hasOwn(TEXT_MEMBERS, type) ? TEXT_MEMBERS[type] : undefined;
  if (member === undefined) {
    const found = type === "" ? "has no type" : `has the type ${JSON.stringify(type.slice(0, 40))}, which is not read`;
    return { fault: `${found}; send {"type":"text","text":"…"}` };
  }
  const text = members[member];
  return typeof text === "string" ? { text } : { fault: `its \`${member}\` must be a text` };
}

/** A member that is not read: it must be absent, null or an empty list, or its content would be lost. */
function nothing(advice: string) {
  return z.unknown().refine(isNothing, advice).optional();
}

function isNothing(value: unknown): boolean {
  return value == null || (Array.isArray(value) && value.length === 0);
}

/** Arguments as JSON text, the official form. Some clients send the object itself, or nothing for no arguments. */
const CallArguments = z
  .unknown()
  .transform((value, context): string => {
    if (typeof value === "string") return value;
    if (typeof value === "object" && !Array.isArray(value)) return JSON.stringify(value);
    context.addIssue({ code: "custom", message: "must be the arguments' object as JSON text" });
    return z.NEVER;
  })
  .refine((text) => text.length <= TEXT_CHARS_MAX, `must be at most ${TEXT_CHARS_MAX} characters`)
  .nullish()
  .transform((text) => (text == null || text === "" ? "{}" : text));

const HistoryCall = z.object({
  id: z.string().max(CALL_ID_CHARS_MAX),
  type: z.literal("function", "only calls of functions are read; leave others out").nullish(),
  function: z.object({ name: z.string().min(1).max(256), arguments: CallArguments }),
});

const ROLES =
  "must be system, developer, user, assistant or tool; the answer of a function is a message of the role tool with its tool_call_id";

export const Message = z.discriminatedUnion(
  "role",
  [
    z.object({ role: z.enum(["system", "developer"]), content: ContentOrNothing }),
    z.object({
      role: z.literal("user"),
      content: Content,
      images: nothing("the pool's models cannot read images; describe them in text"),
    }),
    z.object({
      role: z.literal("assistant"),
      content: Content.nullish(),
      refusal: z.string().nullish(),
      tool_calls: z.array(HistoryCall).max(CALLS_MAX).nullish(),
      function_call: nothing("is not read; send `tool_calls` instead, each with an id"),
      audio: nothing("is not read; send its transcript as `content`"),
    }),
    z.object({ role: z.literal("tool"), content: ContentOrNothing, tool_call_id: z.string().max(CALL_ID_CHARS_MAX) }),
  ],
  { error: (issue) => (issue.code === "invalid_union" ? ROLES : undefined) },
);
export type Message = z.infer<typeof Message>;

/** Returns the index of the first tool message that answers no earlier call; null if each answers one. */
export function strayToolResult(messages: readonly Message[]): number | null {
  const open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === "assistant") for (const call of message.tool_calls ?? []) open.add(call.id);
    if (message.role === "tool" && !open.has(message.tool_call_id)) return index;
  }
  return null;
}
