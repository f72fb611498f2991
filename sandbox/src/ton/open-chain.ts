/** Assembles the network: keys, chain, faucet and HTTP routes. */
import path from "node:path";
import { Hono } from "hono";
import type { Logger } from "pino";
import { LOCAL_NETWORK_ID, networkConfig } from "@starai/contracts/chain-config";
import type { Prices } from "@starai/contracts/chain-config";
import { lockDataFolder } from "@starai/server/db/data-folder-lock";
import { Chain } from "./chain.ts";
import type { ChainClock } from "./chain-clock.ts";
import { controlRoutes } from "./control-routes.ts";
import { DEPLOYED, firstEditionNotice, readDeployment, readKept } from "./deployment.ts";
import type { ExplorerContext } from "./explorer/describe.ts";
import { explorerPage, explorerRoutes } from "./explorer/explorer-routes.ts";
import { Names } from "./explorer/names.ts";
import { localClient } from "./local-client.ts";
import { TolkMessages } from "@starai/contracts/offchain/tolk-messages";
import { Faucet, FAUCET_NANO } from "./faucet.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { loadRoles } from "./roles.ts";
import type { RoleWallets } from "./roles.ts";
import { rpcRoutes } from "./toncenter/rpc-routes.ts";

/** Initial balance of the sandbox's role accounts: enough for any play, small compared to the faucet. */
const ROLE_NANO = 10_000n * 10n ** 9n;

export interface ChainOptions {
  /** The chain's folder; created when missing. */
  readonly folder: string;
  readonly clock: ChainClock;
  readonly prices?: Prices;
  readonly log?: Logger;
}

export interface OpenChain extends AsyncDisposable {
  readonly chain: Chain;
  readonly clock: ChainClock;
  readonly faucet: Faucet;
  readonly roles: RoleWallets;
  readonly routes: Hono;
  /** What describes messages in words. */
  readonly explorer: ExplorerContext;
}

/** @throws when another process holds the folder, or its chain is damaged or of another network */
export async function openChain({ folder, clock, prices, log }: ChainOptions): Promise<OpenChain> {
  makePrivateFolder(folder);
  const lock = await lockDataFolder(folder);
  try {
    const roles = loadRoles(folder);
    const { faucet: giver, publisher, guardian, treasury, operator } = roles;
    const chain = await Chain.open({
      file: path.join(folder, "chain.log"),
      clock,
      config: networkConfig(prices ? { prices } : {}),
      networkId: LOCAL_NETWORK_ID,
      genesis: [
        { address: giver.wallet.address, nano: FAUCET_NANO },
        // The contributor's stake is from the faucet, as anybody's here.
        ...[publisher, guardian, treasury, operator].map(({ wallet }) => ({
          address: wallet.address,
          nano: ROLE_NANO,
        })),
      ],
      ...(log ? { log } : {}),
    });
    const faucet = new Faucet(chain, giver);
    const names = new Names(roles, deployedNames(folder));
    warnOfOtherCode(folder, names, chain, log);
    const context = { chain, names, messages: TolkMessages.read() };
    const rpc = rpcRoutes(chain, log);
    const client = localClient(new Hono().route("/ton/api/v2", rpc));
    const routes = new Hono({ strict: false }) // The page is at /ton/, with the slash.
      .basePath("/ton")
      .route("/api/v2", rpc)
      .route("/", explorerPage())
      .route("/", explorerRoutes(context, { clock, client }))
      .route("/", controlRoutes({ chain, clock, faucet }));
    const close = async () => {
      await chain[Symbol.asyncDispose]();
      await lock[Symbol.asyncDispose]();
    };
    return { chain, clock, roles, faucet, routes, explorer: context, [Symbol.asyncDispose]: close };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** A checkout can change its contracts' code; a deployed contract cannot. A damaged file is reported by `deployment()`. */
function warnOfOtherCode(folder: string, names: Names, chain: Chain, log?: Logger): void {
  try {
    const notice = firstEditionNotice(folder);
    if (notice) log?.info(notice);
    const deployed = readDeployment(folder);
    if (deployed && DEPLOYED.some((name) => names.contractOf(chain.account(deployed[name])) === null))
      log?.warn(
        `The contracts on the chain in ${folder} are of another version than this checkout, whose tools refuse them: move the folder away to begin a new chain.`,
      );
  } catch {
    // The chain itself is intact.
  }
}

/** Reads the deployment until there is one, since the first start deploys while the explorer is already open. */
function deployedNames(folder: string): () => ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let complete = false;
  return () => {
    if (complete) return names;
    const { deployment, firstEdition } = readKept(folder);
    if (deployment) for (const name of DEPLOYED) names.set(deployment[name].toRawString(), name);
    if (firstEdition) {
      names.set(firstEdition.vault.toRawString(), "firstVault");
      names.set(firstEdition.distributor.toRawString(), "firstDistributor");
    }
    complete = deployment !== null;
    return names;
  };
}
