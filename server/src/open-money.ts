/** Money on TON from the server's start on: its network is checked, pinned and followed; without one nothing happens. */
import { pause } from "@starai/protocol/pause";
import { GrowingPause } from "@starai/protocol/retry";
import type { Chain } from "./chain/chain.ts";
import type { ChainContext } from "./chain/context.ts";
import { pinHome } from "./chain/home.ts";
import { isOnNetwork, openChain } from "./chain/open-chain.ts";
import { unlessStopped } from "./chain/repeat.ts";
import type { TonSettings } from "./config.ts";
import type { EarningsContext } from "./earnings/context.ts";
import { watchChain } from "./watch-chain.ts";

const ASK_AGAIN = { firstMs: 1_000, maxMs: 60_000 };

/**
 * How the network is opened, given this server's address: the sandbox's, or the configured one's once its endpoint says that it is that network.
 * @throws a sentence where the settings are wrong, or the database's money is elsewhere
 */
export async function chainOf(
  ctx: ChainContext,
  { chain }: { chain?: (url: string) => Promise<Chain> },
): Promise<((url: string, signal: AbortSignal) => Promise<Chain>) | null> {
  const { ton } = ctx.config;
  if (chain !== undefined) return async (url) => pinHome(ctx, await chain(url));
  if (ton === null) return null;
  const configured = await pinHome(ctx, openChain(ton));
  return async (_url, signal) => {
    await checkNetwork(ctx, ton, signal);
    return configured;
  };
}

/** Both endpoints say that they are the configured network's. @throws a sentence where one is of another network, or this server stops */
export async function checkNetwork(
  ctx: Pick<ChainContext, "log">,
  { network, endpoint, second }: Pick<TonSettings, "network" | "endpoint" | "second">,
  signal: AbortSignal,
): Promise<void> {
  const named = { TON_ENDPOINT: endpoint, ...(second === null ? {} : { TON_SECOND_ENDPOINT: second }) };
  for (const [name, asked] of Object.entries(named))
    if (
      !(await answered(ctx, () => isOnNetwork(asked, network), {
        what: `${name} does not say which network it is`,
        signal,
      }))
    )
      throw new Error(
        `${name} is no endpoint of ${network}: nothing is read from it, and no money moves. Set an endpoint of ${network} and start again.`,
      );
}

/** Asks until the endpoint answers. @param what  is told once where it does not @throws where this server stops */
async function answered<Value>(
  { log }: Pick<ChainContext, "log">,
  ask: () => Promise<Value>,
  { what, signal }: { what: string; signal: AbortSignal },
): Promise<Value> {
  const growing = new GrowingPause(ASK_AGAIN);
  for (let isTold = false; ; isTold = true) {
    try {
      return await unlessStopped(signal, ask());
    } catch (error) {
      signal.throwIfAborted();
      if (!isTold) log.warn({ err: error }, `${what}; it is asked again`);
    }
    await pause(growing.nextMs(), signal);
  }
}

/** Opens the chain to everybody once it is there, and follows it. */
export function openMoney(
  ctx: EarningsContext,
  open: (signal: AbortSignal) => Promise<Chain>,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  let watch: ReturnType<typeof watchChain> | null = null;
  const start = async () => {
    const chain = await open(signal);
    if (signal.aborted) return;
    ctx.ton.open(chain);
    watch = watchChain(ctx, chain);
  };
  start().catch((error: unknown) => {
    if (!signal.aborted) ctx.log.error({ err: error }, "the server goes on without money on TON");
  });
  return {
    stop: async () => {
      stopping.abort(new Error("the server is stopping"));
      await watch?.stop();
    },
  };
}
