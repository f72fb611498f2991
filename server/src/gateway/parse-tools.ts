/** The tools of a request, and which of them may or must be called. */
import { z } from "zod";
import { LIMITS } from "../config.ts";

const ToolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -");

const Tool = z.object({
  type: z.literal("function", 'only tools of the type "function" are supported; leave others out'),
  function: z.object({
    name: ToolName,
    description: z.string().max(16_000).nullish(),
    parameters: z.unknown().optional(),
  }),
});
export type Tool = z.infer<typeof Tool>;

const TOO_MANY = `has more than ${LIMITS.toolsMax} tools, which is the most one request may have; send only those that this question may need`;

export const Tools = z.array(Tool).max(LIMITS.toolsMax, TOO_MANY);

export type ToolChoice = "none" | "auto" | "required" | { name: string };

const WORDS = ["none", "auto", "required"] as const;
const Named = z.object({ type: z.literal("function"), function: z.object({ name: z.string() }) });
const Wordy = z.object({ type: z.enum(WORDS) });

export const ToolChoice = z.unknown().transform((value, context): ToolChoice => {
  const word = WORDS.find((one) => one === value) ?? Wordy.safeParse(value).data?.type;
  if (word !== undefined) return word;
  const named = Named.safeParse(value).data;
  if (named !== undefined) return { name: named.function.name };
  context.addIssue({
    code: "custom",
    message: 'must be none, auto, required or {"type":"function","function":{"name":"…"}}',
  });
  return z.NEVER;
});
