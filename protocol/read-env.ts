/** Settings out of the environment: read once, all faults reported together. */
import type { z } from "zod";

/** @throws one error that begins with `heading` and names every faulty variable and what it should be */
export function readEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
  heading: string,
): z.output<Schema> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
  throw new Error(`${heading}:\n${faults.join("\n")}`);
}
