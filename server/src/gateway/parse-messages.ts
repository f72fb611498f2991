/** The messages of a chat completion: who said what, with text only. */
import { z } from "zod";

const TEXT_CHARS_MAX = 1_000_000;

const TextPart = z.strictObject({
  type: z.enum(["text", "refusal"]),
  text: z.string().optional(),
  refusal: z.string().optional(),
});

const UNREADABLE: Readonly<Record<string, string>> = {
  image_url: "images",
  input_audio: "audio",
  file: "files",
};

/** A string, or text parts, which are joined. */
const Content = z
  .unknown()
  .transform((value, context): string => {
    if (typeof value === "string") return value;
    if (!Array.isArray(value) || value.length === 0) {
      context.addIssue({ code: "custom", message: "must be a string or a list of text parts" });
      return z.NEVER;
    }
    const texts = value.map((part: unknown, index) => {
      const kind = typeof part === "object" && part !== null && "type" in part ? String(part.type) : "";
      const parsed = TextPart.safeParse(part);
      const text = parsed.success ? (parsed.data.text ?? parsed.data.refusal) : undefined;
      if (text !== undefined) return text;
      const unreadable = UNREADABLE[kind];
      const message =
        unreadable === undefined
          ? 'must be {"type":"text","text":"…"}'
          : `the pool's models cannot read ${unreadable}; describe them in text`;
      context.addIssue({ code: "custom", message, path: [index] });
      return "";
    });
    return texts.join("");
  })
  .refine((text) => text.length <= TEXT_CHARS_MAX, `must be at most ${TEXT_CHARS_MAX} characters`);

const Name = z.string().max(64).nullish();

const HistoryCall = z.strictObject({
  id: z.string().min(1).max(100),
  type: z.literal("function"),
  function: z.strictObject({
    name: z.string().min(1).max(64),
    arguments: z.string().max(TEXT_CHARS_MAX),
  }),
  /** The official client's stream helper puts the index back into history. */
  index: z.int().nonnegative().optional(),
});

export const Message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.enum(["system", "developer"]), content: Content, name: Name }),
  z.strictObject({ role: z.literal("user"), content: Content, name: Name }),
  z
    .strictObject({
      role: z.literal("assistant"),
      content: Content.nullish(),
      name: Name,
      refusal: z.string().nullish(),
      tool_calls: z.array(HistoryCall).min(1).max(64).optional(),
      /** Members of answers of other clients and servers that are null for text. */
      audio: z.null().optional(),
      function_call: z.null().optional(),
      annotations: z.array(z.unknown()).max(0).optional(),
      reasoning_content: z.string().nullish(),
      parsed: z.unknown().optional(),
    })
    .refine((message) => message.content != null || message.tool_calls !== undefined || message.refusal != null, {
      path: ["content"],
      message: "needs a text, or tool_calls",
    }),
  z.strictObject({ role: z.literal("tool"), content: Content, tool_call_id: z.string().min(1).max(100), name: Name }),
]);
export type Message = z.infer<typeof Message>;

/** Says which tool result answers no call before it, as the index of its message; null when all do. */
export function strayToolResult(messages: readonly Message[]): number | null {
  const open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === "assistant") for (const call of message.tool_calls ?? []) open.add(call.id);
    if (message.role === "tool" && !open.has(message.tool_call_id)) return index;
  }
  return null;
}
