/**
 * A process that pays out and reads the chain as fast as it can, to be killed. It writes a line before and after what it
 * does: lines in a pipe are there when the next thing begins, so a kill loses none.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Address } from "@ton/core";
import { TonClient } from "@ton/ton";
import { pino } from "pino";
import { ChangeFeed } from "@starai/server/changes/change-feed";
import type { Chain } from "@starai/server/chain/chain";
import { ChainDoor } from "@starai/server/chain/chain-door";
import type { ChainContext } from "@starai/server/chain/context";
import { chainLook } from "@starai/server/chain/look-at-chain";
import { connect } from "@starai/server/db/open-database";
import type { OpenDatabase } from "@starai/server/db/open-database";
import { payOut } from "@starai/server/payouts/hot/pay-out";
import { readingsOf } from "@starai/server/watch-chain";

export interface PayoutsChildSetup {
  readonly database: OpenDatabase["connection"];
  readonly endpoint: string;
  readonly networkId: number;
  /** Raw. */
  readonly contracts: Readonly<Record<"deposits" | "till" | "distributor", string>>;
  /** Hex. */
  readonly hotSeed: string;
  /** By how much the chain's time is ahead of this machine's. */
  readonly aheadMs: number;
  /** Of a hundred messages, so many are kept by the network; who started this process has them on lines. */
  readonly keptPercent: number;
  /** What the harness must notice when it is gone. */
  readonly without: "stored before it is sent" | null;
}

const setup = JSON.parse(process.argv[2] ?? "") as PayoutsChildSetup;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const client = new TonClient({ endpoint: setup.endpoint });
const sendFile = client.sendFile.bind(client);
client.sendFile = async (boc) => {
  say("sending");
  if (Math.random() * 100 < setup.keptPercent) return say(`kept ${boc.toString("base64")}`);
  await sendFile(boc).finally(() => say("sent"));
};
const log = pino({ level: "silent" });
const { db, pg } = connect(setup.database, log, async () => undefined);
if (setup.without !== null) sendBeforeStoring();

const [deposits, till, distributor] = [setup.contracts.deposits, setup.contracts.till, setup.contracts.distributor].map(
  (raw) => Address.parseRaw(raw),
) as [Address, Address, Address];
const chain: Chain = {
  networkId: setup.networkId,
  network: "testnet",
  client,
  second: null,
  deposits,
  till,
  distributor,
  hotSeed: Buffer.from(setup.hotSeed, "hex"),
  publisherSeed: null,
  providerSeed: null,
  topUpInTelegram: false,
  explorer: { transaction: "{hash}", address: "{address}" },
  domains: [],
  nowS: () => Math.floor((Date.now() + setup.aheadMs) / 1_000),
};
const parts = {
  db,
  pg,
  log,
  clock: Date.now,
  changes: new ChangeFeed(),
  ton: new ChainDoor(),
};
// The rest of a server is not needed here, and takes seconds to load.
const ctx = parts as unknown as ChainContext;
const look = chainLook(ctx, chain, readingsOf(ctx));
const never = new AbortController().signal;
say("begun");
for (;;) {
  // An endpoint that does not answer, or two transactions in each other's way: tried again, as a server does.
  const did = await payOut(ctx, chain, { halted: false }).catch(() => "failed");
  say(did);
  await look(never).catch(() => undefined);
  say("looked");
  await sleep(5);
}

/** What is signed goes out while its row is still to be written. */
function sendBeforeStoring(): void {
  pg.on("connect", (connection) => {
    const query = connection.query.bind(connection) as (...asked: unknown[]) => Promise<unknown>;
    Object.assign(connection, {
      query: async (asked: { text?: string }, ...rest: [values?: unknown[]]) => {
        if (asked.text?.startsWith('insert into "outgoing_batches"')) {
          const boc = rest[0]!.find((value) => Buffer.isBuffer(value) && value.length > 32) as Buffer;
          await sendFile(boc);
          say("sent early");
          // It is killed here.
          await sleep(60_000);
        }
        return query(asked, ...rest);
      },
    });
  });
}
