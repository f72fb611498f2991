/**
 * `npm run deploy -- --network testnet|mainnet|sandbox [--dry-run]`: deploys StarAI's contracts. The only reader of its
 * environment; never prints keys. Mainnet needs a confirmation, because nobody outside the project has audited the code.
 */
import { Address } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { TonClient, WalletContractV5R1 } from "@ton/ton";
import { retryingAdapter } from "../offchain/retrying-adapter.ts";
import { LOCAL_NETWORK_ID } from "../chain-config/local-network.ts";
import { deploy, missingOf, planDeployment, prepare } from "./deployment.ts";
import type { Deployer, StackTerms, PlannedContract } from "./deployment.ts";

const NETWORKS = {
  mainnet: { id: -239, endpoint: "https://toncenter.com/api/v2/jsonRPC" },
  testnet: { id: -3, endpoint: "https://testnet.toncenter.com/api/v2/jsonRPC" },
  sandbox: { id: LOCAL_NETWORK_ID, endpoint: "http://127.0.0.1:8080/ton/api/v2/jsonRPC" },
} as const;
type Network = keyof typeof NETWORKS;
const MAINNET_CONFIRMATION = "--nobody-has-audited-this-code";
const HELP = `npm run deploy -- --network ${Object.keys(NETWORKS).join("|")} [--dry-run]

Environment:
  DEPLOYER_SEED      32 bytes, hex: the key of the W5 wallet that pays (on the sandbox: the operator's, from
                     ton/roles.json); a dry run needs none
  TON_ENDPOINT       toncenter v2 JSON-RPC; default: toncenter's, for the sandbox npm start's
  TON_API_KEY        toncenter's key, if you have one
  PUBLISHER, GUARDIAN, TREASURY, HOT_WALLET   addresses of the roles (docs/contracts.md says what
                     each may do); on the sandbox the chain's own
  VAULT_DAILY_LIMIT, EPOCH_CAP, REWARD_POOL   nano units; default 100, 1000 and 0 coins
  EPOCH_S, DELAY_S   seconds; default one day each
  SLASHES_PER_DAY    default 5`;

const COIN = 1_000_000_000n;

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the environment and collects its faults, to report them all at once. */
class Environment {
  readonly faults: string[] = [];
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  text(name: string, pattern: RegExp, wanted: string): string {
    const value = this.#variables[name] ?? "";
    if (!pattern.test(value)) this.faults.push(`${name} must be ${wanted}`);
    return value;
  }

  /** Returns a placeholder for a malformed address: the fault ends the run before it is used. */
  address(name: string): Address {
    const value = this.#variables[name] ?? "";
    try {
      const address = Address.parse(value);
      if (address.workChain === 0) return address;
    } catch {
      // Reported below.
    }
    this.faults.push(`${name} must be a basechain address, not "${value.slice(0, 60)}"`);
    return new Address(0, Buffer.alloc(32));
  }

  whole(name: string, fallback: bigint): bigint {
    const value = this.#variables[name];
    if (value === undefined) return fallback;
    if (!/^\d{1,18}$/.test(value)) this.faults.push(`${name} must be a whole number`);
    return /^\d{1,18}$/.test(value) ? BigInt(value) : fallback;
  }
}

/** Runs one command line and prints the result line by line. @throws with a sentence that says what to do next. */
export async function run(words: readonly string[], env: Variables, say: (line: string) => void): Promise<void> {
  if (words.includes("--help") || words.includes("-h") || words[0] === "help") return say(HELP);
  const network = words[words.indexOf("--network") + 1] as Network;
  if (!words.includes("--network") || !Object.hasOwn(NETWORKS, network)) throw new Error(HELP);
  const dryRun = words.includes("--dry-run");
  if (network === "mainnet" && !dryRun && !words.includes(MAINNET_CONFIRMATION))
    throw new Error(
      `Nobody outside the project has audited these contracts, and none can be changed once deployed.\nRead docs/contracts.md, run with --dry-run, and if you still mean it add ${MAINNET_CONFIRMATION}`,
    );
  // On the sandbox the roles default to the chain's own.
  const known = network === "sandbox" ? await sandboxRoles(env.TON_ENDPOINT || NETWORKS.sandbox.endpoint) : {};
  const { terms, ...settings } = readSettings(network, { ...known, ...env }, dryRun);
  const plan = planDeployment(terms);
  // Printed before the network is contacted, because addresses can be compared without one.
  for (const contract of plan) say(describe(contract));
  const deployer = { ...settings.deployer, now: await clockOf(network, settings.endpoint) };
  const missing = await missingOf(deployer.client, plan).catch((error: unknown) => {
    throw new Error(`${settings.endpoint} could not be queried for deployed contracts: ${messageOf(error)}`, {
      cause: error,
    });
  });
  if (missing.length === 0) return say("\nEverything is there already; nothing was sent.");
  say(`\nMissing  ${missing.map(({ name }) => name).join(", ")}`);
  if (settings.seed === PLACEHOLDER_SEED) {
    const needed = missing.reduce((sum, { value }) => sum + value, 0n);
    return say(
      `Cost     ${coins(needed)} into the contracts + fees; set DEPLOYER_SEED to the key of the wallet that pays\n\nDry run: nothing was sent.`,
    );
  }
  const { needed, fee } = await prepare(deployer, missing);
  say(`From     ${deployer.wallet.address.toString({ bounceable: false })}`);
  const sending = await fee().catch(() => null);
  const cost = sending === null ? "fees known once the deployer's wallet has money" : `${coins(sending)} sending fee`;
  say(`Cost     ${coins(needed)} into the contracts + ${cost}`);
  if (dryRun) return say("\nDry run: nothing was sent.");
  const sent = await deploy(deployer, plan);
  say(`\nDeployed ${sent.map(({ name }) => name).join(", ")}.`);
}

/** Only the message is shown: the error of a refused request holds its headers, and with them the API key. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The sandbox's clock may have been moved ahead; it refuses a signature dated by this machine's clock (exit 136). */
async function clockOf(network: Network, endpoint: string): Promise<() => number> {
  if (network !== "sandbox") return Date.now;
  const answer = await fetch(new URL("/ton/time", endpoint)).catch(() => null);
  if (!answer?.ok)
    throw new Error(`No sandbox chain answers at ${endpoint}: run npm start or npm run chain, or set TON_ENDPOINT.`);
  const { nowS } = (await answer.json()) as { nowS: number };
  const ahead = nowS * 1_000 - Date.now();
  return () => Date.now() + ahead;
}

/** Addresses of the roles on the sandbox's chain, from its explorer; empty when no chain answers, which fails later. */
async function sandboxRoles(endpoint: string): Promise<Variables> {
  assertEndpointOf("sandbox", endpoint);
  const answer = await fetch(new URL("/ton/explorer/overview", endpoint)).catch(() => null);
  if (!answer?.ok) return {};
  const { known } = (await answer.json()) as { known: readonly { name: string; address: string }[] };
  const addressOf = (role: string) => known.find(({ name }) => name === role)?.address;
  return {
    PUBLISHER: addressOf("publisher"),
    GUARDIAN: addressOf("guardian"),
    TREASURY: addressOf("treasury"),
    HOT_WALLET: addressOf("operator"),
  };
}

/** Seed of a dry run without DEPLOYER_SEED. Everybody knows it, so nothing may be sent with it. */
const PLACEHOLDER_SEED = "0".repeat(64);

function readSettings(
  network: Network,
  variables: Variables,
  dryRun: boolean,
): { deployer: Omit<Deployer, "now">; endpoint: string; terms: StackTerms; seed: string } {
  const env = new Environment(variables);
  const seed =
    dryRun && !variables.DEPLOYER_SEED
      ? PLACEHOLDER_SEED
      : env.text("DEPLOYER_SEED", /^(?!0{64})[0-9a-f]{64}$/i, "32 bytes in hex (openssl rand -hex 32)");
  const [publisher, guardian, treasury, hot] = [
    env.address("PUBLISHER"),
    env.address("GUARDIAN"),
    env.address("TREASURY"),
    env.address("HOT_WALLET"),
  ];
  const terms = {
    vault: { guardian, treasury, hot, dailyLimit: env.whole("VAULT_DAILY_LIMIT", 100n * COIN) },
    distributor: {
      publisher,
      guardian,
      epochCap: env.whole("EPOCH_CAP", 1_000n * COIN),
      epochSeconds: Number(env.whole("EPOCH_S", 86_400n)),
      delaySeconds: Number(env.whole("DELAY_S", 86_400n)),
      slashesPerDay: Number(env.whole("SLASHES_PER_DAY", 5n)),
    },
    poolNano: env.whole("REWARD_POOL", 0n),
  };
  if (env.faults.length > 0) throw new Error(`${env.faults.join("\n")}\n\n${HELP}`);
  const { id } = NETWORKS[network];
  const endpoint = variables.TON_ENDPOINT || NETWORKS[network].endpoint;
  assertEndpointOf(network, endpoint);
  const { publicKey, secretKey } = keyPairFromSeed(Buffer.from(seed, "hex"));
  const client = new TonClient({
    endpoint,
    httpAdapter: retryingAdapter(),
    ...(variables.TON_API_KEY ? { apiKey: variables.TON_API_KEY } : {}),
  });
  // The wallet's address includes the network's id: on another network's endpoint the wallet is empty, so nothing is sent.
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: id } });
  return { deployer: { client, wallet, secretKey }, endpoint, terms, seed };
}

/** Rejects the endpoint of another network: only `--network mainnet` requires a confirmation. */
function assertEndpointOf(network: Network, endpoint: string): void {
  if (!URL.canParse(endpoint)) throw new Error(`TON_ENDPOINT must be a URL, not "${endpoint.slice(0, 80)}"`);
  const { hostname } = new URL(endpoint);
  for (const other of ["mainnet", "testnet"] as const)
    if (other !== network && hostname === new URL(NETWORKS[other].endpoint).hostname)
      throw new Error(
        `${hostname} is ${other}'s, not ${network}'s: pass --network ${other}, or set another TON_ENDPOINT.`,
      );
}

function describe({ name, address, init, value, parameters }: PlannedContract): string {
  const lines = Object.entries(parameters).map(([key, parameter]) => `  ${key.padEnd(14)} ${parameter}`);
  return [
    `\n${name}`,
    `  address        ${address.toString()}`,
    `  code hash      ${init.code.hash().toString("hex")}`,
    `  begins with    ${coins(value)}`,
    ...lines,
  ].join("\n");
}

function coins(nano: bigint): string {
  return `${nano / COIN}.${(nano % COIN).toString().padStart(9, "0")} coins`;
}

if (process.argv[1] === import.meta.filename)
  await run(process.argv.slice(2), process.env, console.log).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
