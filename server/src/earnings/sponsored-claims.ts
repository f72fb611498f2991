/** Claims that the operator brings: what is unclaimed for long enough to be worth it goes to its owner without a word. */
import { Address } from "@ton/core";
import { sql } from "drizzle-orm";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import { RewardDistributor, claimBody } from "@starai/contracts/RewardDistributor";
import type { ChainContext } from "../chain/context.ts";
import { unlessStopped } from "../chain/repeat.ts";
import { claimable } from "./claim-message.ts";
import type { ClaimProofs } from "./claim-proofs.ts";
import type { SeenDistributor } from "./distributor.ts";
import type { Chain } from "../chain/chain.ts";
import type { PublisherMessage } from "./publisher.ts";

/** In one message of the wallet: a few kilobytes of proofs each. */
const CLAIMS_MAX = 20;

interface Sponsored {
  readonly chain: Chain;
  readonly proofs: ClaimProofs;
}

/** None while the distributor pays nothing, or while its bucket holds less than the next one. */
export async function sponsoredClaims(
  { db }: Pick<ChainContext, "db">,
  { chain, proofs }: Sponsored,
  { seen, signal }: { seen: SeenDistributor; signal: AbortSignal },
): Promise<PublisherMessage[]> {
  const { rows } = await db.execute<{ wallet: string }>(
    sql`select l.wallet from epoch_leaves l
          join ledger_accounts a
            on a.asset = 'coin' and a.kind = 'earner' and a.owner = 'wallet:' || substr(l.wallet, 3)
        where a.balance >= ${String(EARNING_TERMS.sponsoredFrom)}::bigint
        order by a.balance desc limit ${CLAIMS_MAX}`,
  );
  const current = rows.length === 0 ? null : await proofs.current(seen);
  if (current === null) return [];
  const opened = chain.client.open(new RewardDistributor(chain.distributor));
  let payable = await unlessStopped(signal, opened.getPayableNow());
  const messages: PublisherMessage[] = [];
  for (const { wallet } of rows) {
    const claim = await claimable(chain, { tree: current.tree, wallet }, signal);
    if (claim.unclaimed < EARNING_TERMS.sponsoredFrom || claim.unclaimed > payable) continue;
    payable -= claim.unclaimed;
    const body = claimBody({ owner: Address.parseRaw(wallet), deploy: claim.deploy, proof: claim.proof });
    messages.push({ to: chain.distributor, value: claim.value, body });
  }
  return messages;
}
