/** For tests: a database that is away. Its connections are cut and no other is let in, until it is back. */
import { Client } from "pg";
import type { Pool } from "pg";
import { inject } from "vitest";

export async function cutOff({ options }: Pool): Promise<{ back(): Promise<void> }> {
  const name = options.database ?? "";
  const admin = new Client(inject("cluster"));
  await admin.connect();
  await admin.query(`alter database ${name} with allow_connections false`);
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  return {
    back: async () => {
      await admin.query(`alter database ${name} with allow_connections true`);
      await admin.end();
    },
  };
}
