/** GET /healthz: the state of this server's parts. 200 only while new work is accepted. */
import { Hono } from "hono";
import type { AppContext } from "../context.ts";

export function healthRoutes({ health, registry, config, ledger, rates, ton }: AppContext) {
  /** Null without a chain; `differs`: nobody is paid out; `readS`: how long ago it was read. */
  const chainState = () => {
    if (ton.chain === null) return null;
    return {
      books: ton.drifted ? "differs" : "ok",
      readS: ton.readUntilS === 0 ? null : ton.chain.nowS() - ton.readUntilS,
    };
  };
  return new Hono().get("/healthz", (c) => {
    const { status, database, storage, message } = health;
    const pool = registry.status();
    const model = pool.models.some((m) => m.id === config.defaultModel && m.workers > 0);
    const ready = { database: database === "ok", worker: pool.workersOnline > 0, model };
    const ok = status === "ok";
    // Answers that cost nothing go on without either.
    const rateAgeS = rates.ageMs === null ? null : Math.round(rates.ageMs / 1_000);
    const money = { books: ledger.halted ? "halted" : "ok", rateAgeS, chain: chainState() };
    return c.json(
      { ok, status, database, storage, message, ready, money, defaultModel: config.defaultModel },
      ok ? 200 : 503,
    );
  });
}
