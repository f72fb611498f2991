/** `response_format`: text, any JSON object, or a value of the caller's schema. */
import { z } from "zod";

/** The requested form of the answer. `field` is the request's field that holds the schema, for refusals. */
export type AnswerFormat =
  | { kind: "text" }
  | { kind: "json"; field: string; schema: Record<string, unknown>; description: string | null; isAnyObject: boolean };

const Schema = z.record(z.string(), z.unknown());

const Body = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("text") }),
    // Some servers accept `schema` beside either type, so this one does too.
    z.object({ type: z.literal("json_object"), schema: Schema.nullish() }),
    z.object({
      type: z.literal("json_schema"),
      json_schema: z.object({ schema: Schema.nullish(), description: z.string().max(16_000).nullish() }).nullish(),
      schema: Schema.nullish(),
    }),
  ],
  { error: (issue) => (issue.code === "invalid_union" ? "must be text, json_object or json_schema" : undefined) },
);

const NO_SCHEMA = 'is missing; send the schema, or {"type":"json_object"} for any object';

/** The default is text. `strict` has no effect, because schemas are always enforced. */
export const ResponseFormat = Body.nullish().transform((body, context): AnswerFormat => {
  if (body == null || body.type === "text") return { kind: "text" };
  const official = body.type === "json_schema" ? body.json_schema : null;
  const description = official?.description ?? null;
  if (official?.schema != null)
    return {
      kind: "json",
      field: "response_format.json_schema.schema",
      schema: official.schema,
      description,
      isAnyObject: false,
    };
  if (body.schema != null)
    return { kind: "json", field: "response_format.schema", schema: body.schema, description, isAnyObject: false };
  if (body.type === "json_object")
    return { kind: "json", field: "response_format", schema: { type: "object" }, description, isAnyObject: true };
  context.addIssue({ code: "custom", message: NO_SCHEMA, path: ["json_schema", "schema"] });
  return z.NEVER;
});
