/**
 * Keeps what the registry knows of machines' owners as the database has it: read when a machine joins, at once when a
 * pairing or a stake changed here, and every half minute for what changed elsewhere.
 */
import { guarded } from "@starai/protocol/guarded";
import type { PoolContext } from "./context.ts";

const LOOK_MS = 30_000;

type Parts = Pick<PoolContext, "db" | "clock" | "monotonic" | "health" | "log" | "registry">;

/** Looks until the returned function is called. */
export function watchOwners(ctx: Parts): () => void {
  const look = guarded(ctx.log, "a look at machines' owners", () => lookOnce(ctx));
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  ctx.registry.owners.changed = look;
  return () => {
    clearInterval(timer);
    ctx.registry.owners.changed = () => {};
  };
}

async function lookOnce({ registry, health, log, ...ctx }: Parts): Promise<void> {
  try {
    const connected = registry.connectedWorkers().map(({ id }) => id);
    await registry.owners.read(ctx, connected);
    // Whoever joined meanwhile was read by itself.
    registry.owners.keep(new Set(registry.connectedWorkers().map(({ id }) => id)), ctx.monotonic());
  } catch (error) {
    if (!health.noticed(error)) log.warn({ err: error }, "machines' owners could not be looked for; trying again");
  }
}
