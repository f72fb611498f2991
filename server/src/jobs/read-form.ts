/** Checks an answer against its requested form from the server's own knowledge. */
import type { PoolContext } from "../pool/context.ts";
import type { LiveJob } from "./live-job.ts";

/** `open`: the text fits so far and is incomplete. `unknown`: no form was requested, or its grammar cannot be followed. */
export type FormStanding = "whole" | "open" | "breaks" | "unknown";

/** @param added  text that would follow the committed text; empty checks the committed text alone */
export async function readForm(ctx: Pick<PoolContext, "follower">, job: LiveJob, added = ""): Promise<FormStanding> {
  const { constraint } = job.facts.request;
  if (!constraint) return "unknown";
  const reading = await ctx.follower.follow({ job: job.facts.id, gbnf: constraint.gbnf, before: job.text, added });
  switch (reading.kind) {
    case "fits":
      return reading.canEnd ? "whole" : "open";
    case "breaks":
      return "breaks";
    // Text committed while the form could not be followed is not the fault of the worker that continues it.
    case "broken_before":
    case "not_followed":
      return "unknown";
  }
}
