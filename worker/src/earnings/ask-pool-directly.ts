/** Asks the pool about this machine's owner without a worker that runs: one connection that offers no model. */
import type { Logger } from "pino";
import type { WorkerConfig } from "../config.ts";
import type { OwnerAsk, OwnerReply } from "../control.ts";
import { EventQueue } from "../engines/event-queue.ts";
import { loadIdentity } from "../identity.ts";
import { LeaseBook } from "../lease-book.ts";
import { madeUpName } from "../made-up-name.ts";
import { apiBaseOf } from "../pool-address.ts";
import { POOL_TOO_OLD, PoolConnection } from "../pool-connection.ts";
import { Earnings } from "./earnings.ts";
import { ownVersion } from "../own-version.ts";

export async function askPoolDirectly(
  config: WorkerConfig,
  ask: OwnerAsk,
  logger: Logger,
): Promise<AsyncIterable<OwnerReply>> {
  const identity = await loadIdentity(config.home);
  const replies = new EventQueue<OwnerReply>();
  const base = apiBaseOf(config.poolUrl);
  const earnings = new Earnings({
    home: config.home,
    worker: identity.key,
    base,
    logger,
    pairsItself: false,
    onEvent: (event) => {
      if (event.kind === "standing") replies.push({ kind: "standing", standing: event.standing });
      if (event.kind === "pairing") replies.push({ kind: "pairing", pairing: event.pairing });
      if (event.kind === "refused") replies.push({ kind: "fault", text: event.text });
    },
  });
  const notes = await earnings.meet();
  const connection = new PoolConnection({
    poolUrl: config.poolUrl,
    identity,
    name: config.name ?? madeUpName(identity.key),
    version: ownVersion(),
    askPercent: config.askPercent ?? 100,
    devices: [],
    models: [],
    leases: new LeaseBook(new Map(), logger),
    freeMemoryBytes: () => 0,
    temperatureC: () => null,
    notes,
    split: null,
    ownerCode: null,
    onGroup: () => {},
    warm: () => {},
    onWelcome: () => {
      earnings.connected({ send: (frame) => connection.send(frame), rejoin: () => connection.close() });
      const fault = ask === "pair" ? earnings.pair() : earnings.unpair();
      if (fault !== null) replies.push({ kind: "fault", text: fault });
    },
    // A worker of this home writes the notes: it is sent them when it joins.
    onEarning: (frame) => frame.type !== "credits" && earnings.frame(frame),
    logger,
  });
  void endWith(connection, { replies, earnings, poolUrl: config.poolUrl });
  return answersOf(replies, connection);
}

/** Says why the connection ended, after everything that came before it. */
async function endWith(
  connection: PoolConnection,
  { replies, earnings, poolUrl }: { replies: EventQueue<OwnerReply>; earnings: Earnings; poolUrl: string },
): Promise<void> {
  const { reason, welcomedMs, isTooNew } = await connection.ended;
  const words = welcomedMs > 0 ? "the connection to the pool ended" : `the pool at ${poolUrl} cannot be reached`;
  replies.push({ kind: "fault", text: isTooNew ? POOL_TOO_OLD : reason ? `${words} (${reason})` : words });
  await earnings.close();
  replies.close();
}

/** Closes the connection when nobody listens any more. */
async function* answersOf(replies: AsyncIterable<OwnerReply>, connection: PoolConnection): AsyncGenerator<OwnerReply> {
  try {
    yield* replies;
  } finally {
    connection.close();
  }
}
