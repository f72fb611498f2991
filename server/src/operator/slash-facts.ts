/** What is told of a stored slash: the hash that the chain knows it by, and when it can be executed. */
import { ContributorAccountTerms } from "@starai/contracts/contributor-account-codes";
import { reasonOf } from "../contributors/slash-outcome.ts";
import type { slashProposals } from "../db/schema.ts";

/** The reason that the chain holds: the SHA-256 of the evidence, in hex. */
export const slashHash = (evidence: string): string => reasonOf(evidence).toString(16).padStart(64, "0");

/**
 * Until `from` the guardian can cancel it and nobody can execute it, then anybody can until `until`; null: it is over, or
 * the chain shows nothing of it. An account has one dispute at a time: what was last seen there is this one's.
 */
export function slashDates(
  { state, shownAt }: Pick<typeof slashProposals.$inferSelect, "state" | "shownAt">,
  disputedUntil: Date | null,
): { from: Date; until: Date } | null {
  if (state !== "proposed" || shownAt === null || disputedUntil === null) return null;
  return {
    from: disputedUntil,
    until: new Date(disputedUntil.getTime() + ContributorAccountTerms.DISPUTE_SECONDS * 1_000),
  };
}
