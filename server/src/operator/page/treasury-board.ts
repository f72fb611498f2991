/**
 * What the operator's page shows of the house's coins. A look asks the chain and reads every posting, so that there is one a
 * minute at most, however often the page is loaded, and a page waits for it some seconds at most.
 */
import { pause } from "@starai/protocol/pause";
import type { AppContext } from "../../context.ts";
import { readBooksSide, readChainSide, readHome, whyUnread } from "../treasury.ts";
import type { BooksSide, ChainSide } from "../treasury.ts";

const FRESH_MS = 60_000;
/** Of the endpoint, which answers within a second when it is well. */
const CHAIN_MS = 5_000;
/** Of somebody who loads the page. */
const WAIT_MS = 8_000;

export interface TreasuryView {
  readonly at: Date;
  /** Or why there is none, as a sentence. */
  readonly chain: ChainSide | string;
  readonly books: BooksSide;
}

type Parts = Pick<AppContext, "clock" | "db" | "monotonic" | "pg" | "ton">;

export class TreasuryBoard {
  readonly #ctx: Parts;
  #last: { readonly view: TreasuryView; readonly atMs: number } | null = null;
  #looking: Promise<void> | null = null;

  constructor(ctx: Parts) {
    this.#ctx = ctx;
  }

  /** Null: the first look is not over yet. @throws the database's faults */
  async view(): Promise<TreasuryView | null> {
    if (this.#last === null || this.#ctx.monotonic() - this.#last.atMs > FRESH_MS) await this.#lookOrWait();
    return this.#last?.view ?? null;
  }

  async #lookOrWait(): Promise<void> {
    const looking = (this.#looking ??= this.#look().finally(() => (this.#looking = null)));
    const over = new AbortController();
    // One that fails when nobody waits any more is made again for whoever loads the page next.
    await Promise.race([looking, pause(WAIT_MS, over.signal)]).finally(() => {
      over.abort();
      looking.catch(() => undefined);
    });
  }

  async #look(): Promise<void> {
    const { clock, monotonic, pg } = this.#ctx;
    const at = new Date(clock());
    const [chain, books] = await Promise.all([this.#lookAtChain(), readBooksSide(pg)]);
    this.#last = { view: { at, chain, books }, atMs: monotonic() };
  }

  async #lookAtChain(): Promise<ChainSide | string> {
    const { db, ton } = this.#ctx;
    const home = await readHome(db);
    if (ton.chain === null || home === null) return "This server's money is on no TON network, or not yet.";
    const { client } = ton.chain;
    try {
      return await readChainSide(db, { client, home, signal: AbortSignal.timeout(CHAIN_MS) });
    } catch (error) {
      return `The chain cannot be compared now: ${whyUnread(error)}. What the books say is below; load the page again in a minute.`;
    }
  }
}
