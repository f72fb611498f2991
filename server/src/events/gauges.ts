/** Present values, read when the metrics are scraped. */
import { Gauge, collectDefaultMetrics } from "prom-client";
import type { Pool } from "pg";
import type { PoolStatus } from "@starai/protocol/pool-status";
import type { Events } from "./events.ts";

/** The parts of the server that are read, by shape: everything above may emit events, so this imports none of it. */
export interface Watched {
  readonly events: Events;
  readonly ledger: { readonly halted: boolean };
  readonly rates: { readonly ageMs: number | null };
  readonly health: { readonly database: "ok" | "away"; readonly storage: "ok" | "full" };
  readonly pg: Pool;
  readonly registry: { status(): PoolStatus };
  readonly streams: { readonly count: number; readonly sessions: number };
}

/** Adds them to this server's metrics, with the process's: memory, processor time, garbage, the event loop's lag. */
export function addGauges({ events, health, ledger, pg, rates, registry, streams }: Watched): void {
  const { registry: register } = events.metrics;
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `starai_${name}`,
      help,
      registers: [register],
      collect() {
        this.set(read());
      },
    });
  gauge("jobs_waiting", "Jobs in the queue.", () => registry.status().queued);
  gauge("jobs_leased", "Jobs that a worker works on.", () => registry.status().running);
  gauge("workers", "Workers that are connected.", () => registry.status().workersOnline);
  gauge("streams", "Streams of Mini Apps that are open.", () => streams.count);
  gauge("sessions", "Sessions of Mini Apps that hold a stream open.", () => streams.sessions);
  gauge("database_up", "1 while the database answers.", () => (health.database === "ok" ? 1 : 0));
  gauge("database_full", "1 while the database's disk is full.", () => (health.storage === "full" ? 1 : 0));
  gauge("database_connections_idle", "Connections of the pool that wait for work.", () => pg.idleCount);
  gauge("database_connections_busy", "Connections at work.", () => pg.totalCount - pg.idleCount);
  gauge("database_statements_waiting", "Statements that wait for a connection.", () => pg.waitingCount);
  gauge("books_halted", "1 while the books do not add up, or were not verified since the start.", () =>
    ledger.halted ? 1 : 0,
  );
  gauge("rate_age_seconds", "Age of the coin's rate; NaN while there is none.", () => (rates.ageMs ?? NaN) / 1_000);
  collectDefaultMetrics({ register });
}
