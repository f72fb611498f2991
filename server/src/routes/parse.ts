/** Validates parts of a request with zod: an invalid one is refused with the field's name, in the API's error shape. */
import { zValidator } from "@hono/zod-validator";
import type { ValidationTargets } from "hono";
import type { z } from "zod";
import { Refusal } from "../errors.ts";

export function parsed<Target extends keyof ValidationTargets, Schema extends z.ZodType>(
  target: Target,
  schema: Schema,
) {
  return zValidator(target, schema, (result) => {
    if (result.success) return;
    const issue = result.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    const text = `${field === "" ? target : field}: ${issue?.message ?? "does not fit"}`;
    throw new Refusal("invalid_request", text, field === "" ? {} : { param: field });
  });
}
