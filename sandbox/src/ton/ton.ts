/** The embedded TON network over a folder: its routes, opened when somebody first asks. Nothing of it is loaded or read before. */
import fs from "node:fs";
import path from "node:path";
import { Hono } from "hono";
import type { Logger } from "pino";
import { LOCAL_NETWORK_ID, networkConfig } from "@starai/contracts/chain-config";
import type { Prices } from "@starai/contracts/chain-config";
import { lockDataFolder } from "@starai/server/db/data-folder-lock";
import { Chain } from "./chain.ts";
import { ChainClock } from "./chain-clock.ts";
import { controlRoutes } from "./control-routes.ts";
import { Faucet, FAUCET_NANO } from "./faucet.ts";
import { loadRoles } from "./roles.ts";
import type { RoleWallets } from "./roles.ts";
import { rpcRoutes } from "./toncenter/rpc-routes.ts";

/** Treasuries begin with this much: enough for any play, small beside the faucet. */
const ROLE_NANO = 10_000n * 10n ** 9n;

export interface TonOptions {
  /** Where the chain is kept; made when missing. */
  readonly folder: string;
  readonly clock: ChainClock;
  readonly prices?: Prices;
  readonly log?: Logger;
}

export interface OpenChain {
  readonly chain: Chain;
  readonly clock: ChainClock;
  readonly faucet: Faucet;
  readonly roles: RoleWallets;
}

export class Ton {
  /** To be mounted at `/ton`, behind the loopback fence. */
  readonly routes: Hono;
  readonly #options: TonOptions;
  #opening: Promise<OpenChain & AsyncDisposable> | null = null;

  constructor(options: TonOptions) {
    this.#options = options;
    this.routes = new Hono()
      .route(
        "/api/v2",
        rpcRoutes(async () => (await this.open()).chain, options.log),
      )
      .route(
        "/",
        controlRoutes(() => this.open()),
      );
  }

  /** @throws when another process holds the folder, or the chain in it is damaged or of another network. Asked again, it tries again. */
  open(): Promise<OpenChain> {
    this.#opening ??= openChain(this.#options).catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#opening?.catch(() => null))?.[Symbol.asyncDispose]();
  }
}

async function openChain({ folder, clock, prices, log }: TonOptions): Promise<OpenChain & AsyncDisposable> {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await lockDataFolder(folder);
  try {
    const roles = loadRoles(folder);
    const { faucet, ...treasuries } = roles;
    const chain = await Chain.open({
      file: path.join(folder, "chain.log"),
      clock,
      config: networkConfig(prices ? { prices } : {}),
      networkId: LOCAL_NETWORK_ID,
      genesis: [
        { address: faucet.wallet.address, nano: FAUCET_NANO },
        ...Object.values(treasuries).map(({ wallet }) => ({ address: wallet.address, nano: ROLE_NANO })),
      ],
      ...(log ? { log } : {}),
    });
    return {
      chain,
      clock,
      roles,
      faucet: new Faucet(chain, faucet),
      [Symbol.asyncDispose]: async () => {
        await chain[Symbol.asyncDispose]();
        await lock[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}
