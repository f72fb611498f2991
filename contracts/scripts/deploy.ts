/**
 * `npm run deploy -- --network testnet|mainnet|sandbox [--dry-run]`: puts StarAI's contracts on a network. The only reader of its
 * environment; keys are never printed. Mainnet needs a word more, because nobody outside has audited the code.
 */
import { Address } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { TonClient, WalletContractV5R1 } from "@ton/ton";
import { patientAsk } from "../offchain/patience.ts";
import { LOCAL_NETWORK_ID } from "../chain-config/local-network.ts";
import { deploy, missingOf, planDeployment, prepare } from "./deployment.ts";
import type { Deployer, StackTerms, PlannedContract } from "./deployment.ts";

const NETWORKS = {
  mainnet: { id: -239, endpoint: "https://toncenter.com/api/v2/jsonRPC" },
  testnet: { id: -3, endpoint: "https://testnet.toncenter.com/api/v2/jsonRPC" },
  sandbox: { id: LOCAL_NETWORK_ID, endpoint: "http://127.0.0.1:8080/ton/api/v2/jsonRPC" },
} as const;
type Network = keyof typeof NETWORKS;
const MAINNET_WORD = "--nobody-has-audited-this-code";
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

/** Everything wrong with the environment is said at once. */
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

  /** Bad text gives a harmless stand-in: the fault ends the run before it is used. */
  address(name: string): Address {
    const value = this.#variables[name] ?? "";
    try {
      const address = Address.parse(value);
      if (address.workChain === 0) return address;
    } catch {
      // Said below.
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

/** Does what the words of a command line say and tells it line by line. @throws with a sentence that says what to do next */
export async function run(words: readonly string[], env: Variables, say: (line: string) => void): Promise<void> {
  if (words.includes("--help") || words.includes("-h") || words[0] === "help") return say(HELP);
  const network = words[words.indexOf("--network") + 1] as Network;
  if (!words.includes("--network") || !Object.hasOwn(NETWORKS, network)) throw new Error(HELP);
  const dryRun = words.includes("--dry-run");
  if (network === "mainnet" && !dryRun && !words.includes(MAINNET_WORD))
    throw new Error(
      `Nobody outside the project has audited these contracts, and none can be changed once deployed.\nRead docs/contracts.md, run with --dry-run, and if you still mean it add ${MAINNET_WORD}`,
    );
  // On a sandbox the roles are the chain's own, unless the environment names others.
  const known = network === "sandbox" ? await sandboxRoles(env.TON_ENDPOINT || NETWORKS.sandbox.endpoint) : {};
  const { terms, ...settings } = readSettings(network, { ...known, ...env }, dryRun);
  const plan = planDeployment(terms);
  // Told before the network is asked: an address can be compared without one.
  for (const contract of plan) say(describe(contract));
  const deployer = { ...settings.deployer, now: await clockOf(network, settings.endpoint) };
  const missing = await missingOf(deployer.client, plan).catch((error: unknown) => {
    throw new Error(`${settings.endpoint} could not be asked what is there already: ${messageOf(error)}`, {
      cause: error,
    });
  });
  if (missing.length === 0) return say("\nEverything is there already; nothing was sent.");
  say(`\nMissing  ${missing.map(({ name }) => name).join(", ")}`);
  if (isNobodys(settings.seed)) {
    const needed = missing.reduce((sum, { value }) => sum + value, 0n);
    return say(
      `Cost     ${coins(needed)} into the contracts + fees; DEPLOYER_SEED says who pays\n\nDry run: nothing was sent.`,
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

/** A refused request carries its headers, and with them the API key: only the message is shown. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A sandbox's time may have been moved; a signature dated by this machine's would be refused there (exit 136). */
async function clockOf(network: Network, endpoint: string): Promise<() => number> {
  if (network !== "sandbox") return Date.now;
  const answer = await fetch(new URL("/ton/time", endpoint)).catch(() => null);
  if (!answer?.ok)
    throw new Error(`No sandbox chain answers at ${endpoint}: run npm start or npm run chain, or set TON_ENDPOINT.`);
  const { nowS } = (await answer.json()) as { nowS: number };
  const ahead = nowS * 1_000 - Date.now();
  return () => Date.now() + ahead;
}

/** Who is who on the sandbox's chain, as its explorer tells anybody; nothing when no chain answers, which is said later. */
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

/** Stands for "nobody" where a dry run names no wallet; a wallet of this key would be anybody's. */
const NOBODY = "0".repeat(64);
const isNobodys = (seed: string) => seed === NOBODY;

function readSettings(
  network: Network,
  variables: Variables,
  dryRun: boolean,
): { deployer: Omit<Deployer, "now">; endpoint: string; terms: StackTerms; seed: string } {
  const env = new Environment(variables);
  const seed =
    dryRun && !variables.DEPLOYER_SEED
      ? NOBODY
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
    httpAdapter: patientAsk(),
    ...(variables.TON_API_KEY ? { apiKey: variables.TON_API_KEY } : {}),
  });
  // The network's id is in the wallet's address: with an endpoint of another network the wallet is empty there, and nothing is sent.
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: id } });
  return { deployer: { client, wallet, secretKey }, endpoint, terms, seed };
}

/** Only mainnet demands a word, so mainnet's endpoint is for `--network mainnet` only. */
function assertEndpointOf(network: Network, endpoint: string): void {
  if (!URL.canParse(endpoint)) throw new Error(`TON_ENDPOINT must be a URL, not "${endpoint.slice(0, 80)}"`);
  const { hostname } = new URL(endpoint);
  for (const other of ["mainnet", "testnet"] as const)
    if (other !== network && hostname === new URL(NETWORKS[other].endpoint).hostname)
      throw new Error(`${hostname} is ${other}'s, not ${network}'s: say --network ${other}, or another TON_ENDPOINT.`);
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
