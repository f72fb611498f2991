/** Validates what a job may ask for. Callers validate their own input too; this check protects the queue from all of them. */
import { z } from "zod";
import { ASK_PERCENT, AskPercent } from "@starai/protocol/ask-percent";
import { Turn } from "@starai/protocol/template";
import { Constraint, POOL_FRAME_BYTES_MAX, Sampling } from "@starai/protocol/worker-frames";
import { storable } from "../db/storable.ts";
import { Refusal } from "../errors.ts";
import type { JobInput } from "./job.ts";

/** Room in a lease frame for the answer's committed part and the frame itself. */
const REQUEST_BYTES_MAX = POOL_FRAME_BYTES_MAX / 2;

const Input = z.strictObject({
  key: z.string().min(1).max(300),
  owner: z.string().min(1).max(200),
  model: z.string().min(1).max(120),
  turns: z.array(Turn).min(1).max(1_000),
  constraint: Constraint.nullable(),
  sampling: Sampling,
  maxTokens: z.int().positive().max(1_000_000),
  stop: z.array(z.string().min(1).max(200)).max(4),
  cacheKey: z.string().max(120),
  deadlineMs: z.int().positive(),
  bill: z.uuid().nullable(),
  isFree: z.boolean().default(false),
  isPaid: z.boolean().default(false),
  person: z.string().max(200).nullable().default(null),
  askPercentMax: AskPercent.default(ASK_PERCENT.usual),
});

/**
 * Returns the input as it will be stored: bounded, with its turns exactly as in the row, because they are counted first.
 * @throws {Refusal} invalid_request or too_large, naming the field
 */
export function checkInput(input: JobInput, limits: { jobDeadlineMs: number }): Required<JobInput> {
  const parsed = Input.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const param = issue?.path.join(".") ?? "";
    throw new Refusal("invalid_request", `${param}: ${issue?.message ?? "is not valid"}`, { param });
  }
  const bytes = Buffer.byteLength(JSON.stringify(parsed.data));
  if (bytes > REQUEST_BYTES_MAX) {
    throw new Refusal(
      "too_large",
      `The request has ${bytes} bytes; at most ${REQUEST_BYTES_MAX} fit. Send a shorter conversation.`,
    );
  }
  const turns = storableTurns(parsed.data.turns);
  return {
    ...parsed.data,
    turns,
    deadlineMs: Math.min(parsed.data.deadlineMs, limits.jobDeadlineMs),
  };
}

/** The turns exactly as the row stores them. */
export function storableTurns(turns: readonly Turn[]): Turn[] {
  return turns.map((turn) => ({ ...turn, content: storable(turn.content) }));
}
