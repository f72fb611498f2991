import { Client, Pool } from "pg";
import { expect, inject, test } from "vitest";
import { databaseFault } from "./database-fault.ts";

const caught = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test("a database that cannot be reached, hangs up or lets nobody in is away, however deep the fault is wrapped", async () => {
  const nowhere = await caught(new Client({ host: "/nowhere" }).connect());
  const refused = await caught(new Client({ host: "127.0.0.1", port: 1 }).connect());
  const hungUp = await withClient((client) => client.query("select pg_terminate_backend(pg_backend_pid())"));
  const noPlace = await withPool(async (pool) => {
    await pool.connect();
    return pool.query("select 1");
  });
  const faults = [nowhere, refused, hungUp, noPlace];
  expect(faults.map(databaseFault)).toEqual(["away", "away", "away", "away"]);
  expect(databaseFault(new Error("a", { cause: new Error("b", { cause: nowhere }) }))).toBe("away");
  // As a plain object, without its prototype.
  expect(databaseFault({ ...(hungUp as object), message: "Connection terminated unexpectedly" })).toBe("away");
});

test("a full disk is recognised by PostgreSQL's code for it and by the system's", async () => {
  const said = await withClient((client) => client.query("do $$ begin raise sqlstate '53100'; end $$"));
  expect(databaseFault(said)).toBe("full");
  expect(databaseFault(Object.assign(new Error("write"), { code: "ENOSPC" }))).toBe("full");
});

test("a statement's own fault, and anybody else's, is not the database's", async () => {
  const wrong = await withClient((client) => client.query("select nonsense"));
  const deadlock = await withClient((client) => client.query("do $$ begin raise sqlstate '40P01'; end $$"));
  expect([wrong, deadlock, new Error("no"), "text", null, undefined].map(databaseFault)).toEqual(
    Array.from({ length: 6 }, () => null),
  );
});

async function withClient(work: (client: Client) => Promise<unknown>): Promise<unknown> {
  const client = new Client(inject("cluster"));
  client.on("error", () => {});
  await client.connect();
  const fault = await caught(work(client));
  await client.end().catch(() => undefined);
  return fault;
}

async function withPool(work: (pool: Pool) => Promise<unknown>): Promise<unknown> {
  const pool = new Pool({ ...inject("cluster"), max: 1, connectionTimeoutMillis: 50 });
  const clients: Client[] = [];
  pool.on("connect", (client) => clients.push(client as Client));
  const fault = await caught(work(pool));
  await Promise.all(clients.map((client) => client.end()));
  return fault;
}
