/** A process that closes an epoch line by line, to be killed. What it closes it is told in its first argument. */
import { Pool } from "pg";
import type { PoolConfig } from "pg";
import { closeEpoch } from "../earnings/close-epoch.ts";
import type { SeenDistributor } from "../earnings/distributor.ts";

export interface ClosingChildSetup {
  readonly connection: PoolConfig;
  /** Of the chain, seconds. */
  readonly nowS: number;
  readonly epoch: number;
  readonly epochSeconds: number;
}

const { connection, ...told } = JSON.parse(process.argv[2] ?? "") as ClosingChildSetup;
const pg = new Pool(connection);
const seen = { ...({} as SeenDistributor), ...told, totalCum: 0n, epochCap: 10n ** 18n, pending: null };
await closeEpoch({ pg, clock: () => told.nowS * 1_000 }, seen, { linesAtOnce: 1 });
await pg.end();
