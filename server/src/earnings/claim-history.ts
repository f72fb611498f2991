/** What a wallet claimed, as the books have it, with the transactions that the chain showed it in. */
import type pg from "pg";
import type { ClaimView } from "@starai/protocol/contributor";
import { ledgerKey } from "../billing/ledger-key.ts";
import { postingKey } from "../chain/book-transaction.ts";
import type { Chain } from "../chain/chain.ts";

type Asks = Pick<pg.Pool, "query">;

const CLAIMS_MAX = 20;
/** Transactions of the pool that are searched for a wallet's: years of a small house's. Older claims are shown without theirs. */
const SEARCHED_MAX = 10_000;
/** An opening, the message in, one to the owner and one more, gas, and the claim's own. */
const LEGS_MAX = 6;

/** The name by which the transactions of a wallet's claims are found. @param owner  the wallet's hash, hex */
export const claimsOf = (owner: string): string => ledgerKey("claims", owner);

/** The newest first. @param address  raw */
export async function readClaims(
  pg: Asks,
  { chain, address }: { chain: Pick<Chain, "networkId" | "distributor">; address: string },
): Promise<ClaimView[]> {
  const owner = address.slice(address.indexOf(":") + 1);
  const booked = await readBooked(pg, owner);
  const shown = booked.length === 0 ? new Map<string, Transaction>() : await readShown(pg, chain, owner);
  return booked.map(({ key, amount, at }) => {
    const transaction = shown.get(key);
    return {
      amount,
      at: (transaction?.at ?? at).toISOString(),
      transaction: transaction?.hash.toString("hex") ?? null,
    };
  });
}

interface Booked {
  readonly key: string;
  readonly amount: string;
  readonly at: Date;
}

async function readBooked(pg: Asks, owner: string): Promise<Booked[]> {
  const { rows } = await pg.query<Booked>(
    `select p.key, p.amount::text as amount, p.at from ledger_postings p
     where p.debit = (select id from ledger_accounts where asset = 'coin' and kind = 'earner' and owner = $1)
       and p.hold is null and p.kind = 'claimed' order by p.at desc, p.seq desc limit ${CLAIMS_MAX}`,
    [`wallet:${owner}`],
  );
  return rows;
}

interface Transaction {
  readonly lt: string;
  readonly hash: Buffer;
  readonly at: Date;
}

/** By the keys that their postings can have. */
async function readShown(
  pg: Asks,
  { networkId, distributor }: Pick<Chain, "networkId" | "distributor">,
  owner: string,
): Promise<Map<string, Transaction>> {
  const account = distributor.toRawString();
  const { rows } = await pg.query<Transaction>(
    `select lt::text as lt, hash, at from (
       select * from chain_transactions where address = $1 order by lt desc limit ${SEARCHED_MAX}
     ) newest where ref = $2 order by newest.lt desc limit ${CLAIMS_MAX}`,
    [account, claimsOf(owner)],
  );
  return new Map(
    rows.flatMap((transaction) =>
      Array.from({ length: LEGS_MAX }, (_, leg) => {
        const place = { account, lt: BigInt(transaction.lt), hash: transaction.hash };
        return [postingKey(networkId, place, leg), transaction] as const;
      }),
    ),
  );
}
