/** What a slash is proposed for, for the contributor that it is about: the very text whose hash is the reason on the chain. */
import type pg from "pg";
import type { SlashEvidence } from "@starai/protocol/contributor";
import { Refusal } from "../errors.ts";

/** @throws Refusal `not_found` for one that is somebody else's, or that the chain does not show */
export async function slashEvidence(
  { pg }: { pg: Pick<pg.Pool, "query"> },
  { person, id }: { person: string; id: string },
): Promise<SlashEvidence> {
  const { rows } = await pg.query<SlashEvidence>(
    `select p.evidence as text, ${evidenceHash("p")} as hash
     from slash_proposals p where p.id = $2 and p.shown_at is not null and $1 = ${slashedPerson("p")}`,
    [person, id],
  );
  const [found] = rows;
  if (found === undefined) throw new Refusal("not_found", "There is no such proposal about a stake of yours.");
  return found;
}

/** SQL. */
export const evidenceHash = (slashes: string): string =>
  `encode(sha256(convert_to(${slashes}.evidence, 'UTF8')), 'hex')`;

/**
 * SQL: whoever proved last that the wallet is theirs. Its stake stays theirs where they have another wallet by now, or none;
 * a binding that was cancelled was a stranger's. Null: they are gone.
 */
export const slashedPerson = (slashes: string): string =>
  `(select o.person from wallets o where o.address = ${slashes}.wallet and o.state <> 'cancelled'
    order by o.bound_at desc limit 1)`;
