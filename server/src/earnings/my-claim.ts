/** What a person's wallet needs to claim what it earned. */
import type { ClaimProof } from "@starai/protocol/contributor";
import { boundWalletOf } from "../chain/bound-wallet.ts";
import type { Chain } from "../chain/chain.ts";
import { Refusal } from "../errors.ts";
import { claimable } from "./claim-message.ts";
import type { EarningsContext } from "./context.ts";
import { seeDistributor } from "./distributor.ts";

type Parts = Pick<EarningsContext, "clock" | "db" | "proofs" | "ton">;

/** Each asks the endpoint four times: who asks again within this gets the same answer. */
const KEPT_MS = 5_000;
/** People at once. */
const KEPT_MAX = 1_000;

/** Claims of people, as they were answered lately. */
export class MyClaims {
  readonly #ctx: Parts;
  readonly #kept = new Map<string, { readonly until: number; readonly answer: Promise<ClaimProof> }>();

  constructor(ctx: Parts) {
    this.#ctx = ctx;
  }

  /** @throws what `myClaim` throws */
  async of(person: string): Promise<ClaimProof> {
    const now = this.#ctx.clock();
    const kept = this.#kept.get(person);
    if (kept !== undefined && kept.until > now) return kept.answer;
    const answer = myClaim(this.#ctx, person);
    this.#kept.delete(person);
    if (this.#kept.size >= KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(person, { until: now + KEPT_MS, answer });
    return answer;
  }
}

/**
 * @throws Refusal `not_found` where there is nothing to claim, `not_configured` without a chain, `queue_full` where many
 *   ask it at once; the endpoint's faults
 */
export async function myClaim(ctx: Parts, person: string): Promise<ClaimProof> {
  const chain = ctx.ton.get();
  const wallet = (await boundWalletOf(ctx.db, person))?.address;
  if (wallet === undefined || !wallet.startsWith("0:"))
    throw new Refusal("not_found", "You have no wallet here, so nothing was put aside for one: connect it first.");
  const asked = { person, question: `claim ${wallet}`, nowMs: ctx.clock() };
  return ctx.ton.asked.once(asked, () => claimOf(ctx, chain, wallet));
}

async function claimOf(ctx: Pick<Parts, "proofs">, chain: Chain, wallet: string): Promise<ClaimProof> {
  // Answers are shared by who asks meanwhile: nobody's leaving ends them.
  const { signal } = new AbortController();
  const current = await ctx.proofs.current(await seeDistributor(chain, signal));
  if (current === null) throw nothing("No epoch has been opened on the chain yet");
  const claim = await claimable(chain, { tree: current.tree, wallet }, signal);
  if (claim.cumulative === 0n) throw nothing("This wallet has no part in the opened epoch");
  if (claim.unclaimed === 0n) throw nothing("All that the opened epoch holds for this wallet was claimed");
  return {
    epoch: current.epoch,
    wallet,
    account: claim.account,
    cumulative: String(claim.cumulative),
    unclaimed: String(claim.unclaimed),
    proof: claim.proof.toBoc().toString("base64"),
    deploy: claim.deploy,
    value: String(claim.value),
  };
}

const nothing = (why: string) =>
  new Refusal("not_found", `${why}: there is nothing to claim yet. What was earned is kept and can be claimed later.`);
