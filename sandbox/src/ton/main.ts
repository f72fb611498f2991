/** `npm run chain`: runs the embedded TON network alone, to play "every server is gone". Ctrl-C keeps all data. */
import path from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { pino } from "pino";
import { logOptions } from "@starai/protocol/log-options";
import { z } from "zod";
import { readEnv } from "@starai/protocol/read-env";
import { settingsOr } from "@starai/protocol/start-fault";
import { dataFolder, thisMachine } from "../data-folder.ts";
import { originGuard } from "../origin-guard.ts";
import { devWallet } from "../wallet/dev-wallet.ts";
import { ChainClock } from "./chain-clock.ts";
import { Ton } from "./ton.ts";

const Settings = z.object({
  CHAIN_PORT: z.coerce.number({ error: "a port number" }).int().min(0).max(65_535).default(8081),
  TON_PRICES: z.enum(["june-2026", "before-april-2026"]).default("june-2026"),
});

const { CHAIN_PORT, TON_PRICES } = settingsOr(fail, () =>
  readEnv(Settings, process.env, "The chain's settings are invalid"),
);

const home = dataFolder(thisMachine(process.env));
const folder = path.join(home, "ton");
const log = pino(logOptions(process.env.STARAI_LOG_LEVEL ?? "warn"));
const ton = new Ton({ folder, clock: new ChainClock(folder), prices: TON_PRICES, log });
const { chain } = await ton
  .deployment()
  .then(() => ton.open())
  .catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
const notice = await ton.notice();

const app = new Hono()
  .use(originGuard())
  .route("/", ton.routes)
  .route("/", devWallet({ ton, folder: path.join(home, "wallet") }));
const http = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: CHAIN_PORT }, ({ port }) => {
  const { history } = chain;
  console.log(`· block ${history.lastBlock.seqno}, ${history.transactionCount} transactions`);
  if (notice) console.log(`· ${notice}`);
  console.log(`\nOpen    http://127.0.0.1:${port}/ton/`);
  console.log(`Wallet  http://127.0.0.1:${port}/wallet/`);
  console.log(`RPC     http://127.0.0.1:${port}/ton/api/v2/jsonRPC (toncenter v2, network ${chain.networkId})`);
  console.log(`Data    ${folder}\nStop    Ctrl-C\n`);
});
http.once("error", (error: NodeJS.ErrnoException) => {
  fail(error.code === "EADDRINUSE" ? `Port ${CHAIN_PORT} is taken: set CHAIN_PORT to a free one.` : error.message);
});

let closing = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (closing) return;
    closing = true;
    http.close();
    void ton[Symbol.asyncDispose]().then(() => process.exit(0));
  });
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
