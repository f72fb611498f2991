/** What a deployment is told: networks and their endpoints, the settings from the environment, and which of them are refused. */
import { Address } from "@ton/core";
import { LOCAL_NETWORK_ID } from "../chain-config/local-network.ts";
import type { StackTerms } from "./deployment.ts";

export const NETWORKS = {
  mainnet: { id: -239, endpoints: ["https://toncenter.com/api/v2/jsonRPC"] },
  testnet: { id: -3, endpoints: ["https://testnet.toncenter.com/api/v2/jsonRPC"] },
  /** Those of `npm start` and of `npm run chain`. */
  sandbox: {
    id: LOCAL_NETWORK_ID,
    endpoints: ["http://127.0.0.1:8080/ton/api/v2/jsonRPC", "http://127.0.0.1:8081/ton/api/v2/jsonRPC"],
  },
} as const;
export type Network = keyof typeof NETWORKS;

export const HELP = `npm run deploy -- --network ${Object.keys(NETWORKS).join("|")} [--dry-run]

Deploys four contracts in this order: the refunds vault, the reward distributor, the deposits vault and the till.
A contract that is there already is not sent again. docs/contracts.md says what each does and what each role may do.

Environment:
  DEPLOYER_SEED      32 bytes, hex: the key of the W5 wallet that pays (on the sandbox: the operator's, from
                     ton/roles.json); a dry run needs none
  TON_ENDPOINT       toncenter v2 JSON-RPC; default: toncenter's, for the sandbox npm start's or npm run chain's
  TON_API_KEY        toncenter's key, if you have one
  PUBLISHER, GUARDIAN, TREASURY, HOT_WALLET   addresses of the roles, all different; on the sandbox the chain's own
  VAULT_DAILY_LIMIT  what HOT_WALLET may draw a day from the deposits vault and from the till each, nano units; default
                     100 coins. The refunds vault pays by its keepers' proposals alone
  VAULT_POOL_LIMIT   what it may pass on from each of the two into the reward pool a day, nano units; default 1000 coins
  EPOCH_CAP          what an epoch may add to the debt to contributors, nano units; default 1000 coins
  EPOCH_S, DELAY_S   an epoch's length and the time to veto its root, seconds; default one day each, on mainnet no less
  SLASHES_PER_DAY    default 5
  REWARD_POOL        what the pool holds from the start, nano units; default 0. Only claims can take it out again`;

const COIN = 1_000_000_000n;
const DAY_S = 86_400n;

export type Variables = Readonly<Record<string, string | undefined>>;

/** Addresses of the roles by variable. Nobody holds a key of these: they only let a plan be printed. */
export const PLACEHOLDER_ROLES: Variables = Object.fromEntries(
  ["PUBLISHER", "GUARDIAN", "TREASURY", "HOT_WALLET"].map((role, index) => [
    role,
    new Address(0, Buffer.alloc(32, 0x11 * (index + 1))).toString(),
  ]),
);

export interface Settings {
  readonly terms: StackTerms;
  /** Null in a dry run that was not given the key of who pays. */
  readonly seed: Buffer | null;
}

/** @throws with every fault at once */
export function readSettings(network: Network, variables: Variables, { dryRun }: { dryRun: boolean }): Settings {
  const env = new Environment(variables);
  const seed = dryRun && !variables.DEPLOYER_SEED ? null : env.seed("DEPLOYER_SEED");
  const terms = {
    ...env.roles(),
    dailyLimit: env.whole("VAULT_DAILY_LIMIT", 100n * COIN),
    poolLimit: env.whole("VAULT_POOL_LIMIT", 1_000n * COIN),
    distributor: {
      epochCap: env.whole("EPOCH_CAP", 1_000n * COIN),
      epochSeconds: Number(
        env.whole("EPOCH_S", DAY_S, leastSeconds(network, "time in which money piles up to be stolen")),
      ),
      delaySeconds: Number(
        env.whole("DELAY_S", DAY_S, leastSeconds(network, "time in which a wrong root can be vetoed")),
      ),
      slashesPerDay: Number(env.whole("SLASHES_PER_DAY", 5n)),
    },
    poolNano: env.whole("REWARD_POOL", 0n),
  };
  if (env.faults.length > 0) throw new Error(`${env.faults.join("\n")}\n\n${HELP}`);
  return { terms, seed };
}

/** Said on mainnet: who holds an address cannot be seen from it. */
export const KEEPERS_NOTE =
  "GUARDIAN and TREASURY must be multisigs: either of them alone can cancel every proposal and so hold the vaults' money back for ever, and both keys together can take all of it. A wallet with one key is one theft away from each.";

/** Said of a distributor that begins with less than one epoch may add; null of others. */
export function poolNote({ poolNano, distributor }: StackTerms): string | null {
  if (poolNano >= distributor.epochCap) return null;
  const little = poolNano === 0n ? "0" : "less than one epoch may add (EPOCH_CAP)";
  return `REWARD_POOL is ${little}: a root becomes active only when the pool can pay what it adds, so fund the distributor before the first epoch ends, by PayPool of a vault or by a transfer to its address. Nobody can take the pool back: put in what is owed, not more.`;
}

/** Rejects the endpoint of another network: only `--network mainnet` requires a confirmation. */
export function assertEndpointOf(network: Network, endpoint: string): void {
  if (!URL.canParse(endpoint)) throw new Error(`TON_ENDPOINT must be a URL, not "${endpoint.slice(0, 80)}"`);
  const { hostname } = new URL(endpoint);
  for (const other of ["mainnet", "testnet"] as const)
    if (other !== network && hostname === new URL(NETWORKS[other].endpoints[0]).hostname)
      throw new Error(
        `${hostname} is ${other}'s, not ${network}'s: pass --network ${other}, or set another TON_ENDPOINT.`,
      );
}

interface Least {
  readonly value: bigint;
  readonly why: string;
}

/** A day on mainnet: people sleep, and the guardian is people. */
function leastSeconds(network: Network, what: string): Least | null {
  return network === "mainnet" ? { value: DAY_S, why: `on mainnet, where it is the ${what}` } : null;
}

/** Reads the environment and collects its faults, to report them all at once. */
class Environment {
  readonly faults: string[] = [];
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /** Never all zeros: everybody knows that key. */
  seed(name: string): Buffer {
    const value = this.#variables[name] ?? "";
    if (!/^(?!0{64})[0-9a-f]{64}$/i.test(value))
      this.faults.push(`${name} must be 32 bytes in hex (openssl rand -hex 32)`);
    return Buffer.from(value, "hex");
  }

  /** Each role watches another, so that one stolen key must never hold two. */
  roles(): Pick<StackTerms, "publisher" | "guardian" | "treasury" | "hot"> {
    const names = ["PUBLISHER", "GUARDIAN", "TREASURY", "HOT_WALLET"] as const;
    const addresses = names.map((name) => this.#address(name));
    addresses.forEach((address, index) => {
      const first = addresses.findIndex((other) => other !== null && address?.equals(other));
      if (first !== -1 && first < index)
        this.faults.push(
          `${names[index]} is ${names[first]}'s address: each role watches another, give four different ones`,
        );
    });
    const [publisher, guardian, treasury, hot] = addresses.map((address) => address ?? NOBODY);
    return { publisher: publisher!, guardian: guardian!, treasury: treasury!, hot: hot! };
  }

  whole(name: string, fallback: bigint, least: Least | null = null): bigint {
    const value = this.#variables[name];
    if (value !== undefined && !/^\d{1,18}$/.test(value)) {
      this.faults.push(`${name} must be a whole number`);
      return fallback;
    }
    const number = value === undefined ? fallback : BigInt(value);
    if (least && number < least.value) this.faults.push(`${name} must be ${least.value} or more ${least.why}`);
    return number;
  }

  #address(name: string): Address | null {
    const value = this.#variables[name] ?? "";
    try {
      const address = Address.parse(value);
      if (address.workChain === 0) return address;
    } catch {
      // Reported below.
    }
    this.faults.push(`${name} must be a basechain address, not "${value.slice(0, 60)}"`);
    return null;
  }
}

/** Stands for a malformed address: the fault ends the run before it is used. */
const NOBODY = new Address(0, Buffer.alloc(32));
