/** Pins the database to one network and its contracts: books of one network say nothing about another. */
import { Address } from "@ton/core";
import { eq } from "drizzle-orm";
import { chainCursors, chainHome } from "../db/schema.ts";
import type { Chain } from "./chain.ts";
import type { ChainContext } from "./context.ts";
import { ownAddressOfHot } from "./watched-accounts.ts";

/**
 * The chain as this database may use it: without the key of another hot wallet than the one in the books.
 * @throws a sentence where the database's money is elsewhere
 */
export async function pinHome({ db, log }: Pick<ChainContext, "db" | "log">, chain: Chain): Promise<Chain> {
  const home = {
    networkId: chain.networkId,
    deposits: chain.deposits.toRawString(),
    till: chain.till.toRawString(),
    distributor: chain.distributor.toRawString(),
  };
  await db.insert(chainHome).values(home).onConflictDoNothing();
  const [pinned] = await db.select().from(chainHome);
  const other = (["networkId", "deposits", "till", "distributor"] as const).find(
    (name) => pinned![name] !== home[name],
  );
  if (other !== undefined)
    throw new Error(
      `This database's money is on another network or at other contracts (${other} is ${pinned![other]}, and the settings say ${home[other]}). No money was moved: set what it was before, or start with a new database.`,
    );
  const [booked] = await db.select().from(chainCursors).where(eq(chainCursors.role, "hot"));
  return booked === undefined ? chain : keepHotWallet({ log }, chain, booked.address);
}

/**
 * What another wallet had would be missing in the books, and what the booked one has would be too much: that one is
 * watched, whoever has its key, and nobody is paid out of another one.
 */
function keepHotWallet({ log }: Pick<ChainContext, "log">, chain: Chain, booked: string): Chain {
  const hot = ownAddressOfHot(chain)?.toRawString();
  if (hot === booked) return chain;
  if (hot !== undefined)
    log.error(
      { ofSeed: hot, inBooks: booked },
      "TON_HOT_SEED is of another wallet than the one in the books: nobody is paid out, and all else goes on. Set the seed of before and start again; the books cannot change wallets yet",
    );
  return { ...chain, hotSeed: null, hotOfBooks: Address.parseRaw(booked) };
}
