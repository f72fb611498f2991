/** What the server itself knows of how an answer stands in the form it was asked for. */
import type { PoolContext } from "../pool/context.ts";
import type { LiveJob } from "./live-job.ts";

/** `open`: what is there fits and is not whole yet. `unknown`: no form was asked for, or its grammar cannot be followed. */
export type FormStanding = "whole" | "open" | "breaks" | "unknown";

/** @param added  text that would follow what is committed; none asks how the committed text stands */
export async function readForm(ctx: Pick<PoolContext, "follower">, job: LiveJob, added = ""): Promise<FormStanding> {
  const { constraint } = job.facts.request;
  if (!constraint) return "unknown";
  const reading = await ctx.follower.follow({ job: job.facts.id, gbnf: constraint.gbnf, before: job.text, added });
  switch (reading.kind) {
    case "fits":
      return reading.canEnd ? "whole" : "open";
    case "breaks":
      return "breaks";
    // What was committed while nobody could follow it is not the fault of who goes on after it.
    case "broken_before":
    case "not_followed":
      return "unknown";
  }
}
