/**
 * `npm run deploy -- --network testnet|mainnet|sandbox [--dry-run]`: deploys StarAI's contracts. The only reader of its
 * environment; never prints keys. Mainnet needs a confirmation, because nobody outside the project has audited the code.
 */
import { keyPairFromSeed } from "@ton/crypto";
import { TonClient, WalletContractV5R1 } from "@ton/ton";
import { COIN_NAME } from "../chain-config/coin.ts";
import { retryingAdapter } from "../offchain/retrying-adapter.ts";
import {
  assertEndpointOf,
  HELP,
  KEEPERS_NOTE,
  NETWORKS,
  PLACEHOLDER_ROLES,
  poolNote,
  readSettings,
} from "./deploy-settings.ts";
import type { Network, Variables } from "./deploy-settings.ts";
import { deploy, missingOf, planDeployment, prepare } from "./deployment.ts";
import type { PlannedContract } from "./deployment.ts";
import { findSandbox } from "./sandbox-chain.ts";
import type { SandboxChain } from "./sandbox-chain.ts";

const MAINNET_CONFIRMATION = "--nobody-has-audited-this-code";
const COIN = 1_000_000_000n;

type Say = (line: string) => void;

/** Runs one command line and prints the result line by line. @throws with a sentence that says what to do next. */
export async function run(words: readonly string[], env: Variables, say: Say): Promise<void> {
  if (words.includes("--help") || words.includes("-h") || words[0] === "help") return say(HELP);
  const network = words[words.indexOf("--network") + 1] as Network;
  if (!words.includes("--network") || !Object.hasOwn(NETWORKS, network)) throw new Error(HELP);
  const dryRun = words.includes("--dry-run");
  if (network === "mainnet" && !dryRun && !words.includes(MAINNET_CONFIRMATION))
    throw new Error(
      `Nobody outside the project has audited these contracts, and none can be changed once deployed.\nRead docs/contracts.md, run with --dry-run, and if you still mean it add ${MAINNET_CONFIRMATION}`,
    );
  const endpoints = env.TON_ENDPOINT ? [env.TON_ENDPOINT] : NETWORKS[network].endpoints;
  for (const endpoint of endpoints) assertEndpointOf(network, endpoint);
  const sandbox = network === "sandbox" ? await findSandbox(endpoints) : null;
  const nobodyThere = network === "sandbox" && !sandbox;
  if (nobodyThere && !dryRun) throw new Error(startOne(endpoints));
  const roles = network === "sandbox" ? (sandbox?.roles ?? PLACEHOLDER_ROLES) : {};
  const { terms, seed } = readSettings(network, { ...roles, ...env }, { dryRun });
  const plan = planDeployment(terms);
  // Printed before the network is contacted, because addresses can be compared without one.
  if (nobodyThere)
    say("Roles    placeholders that nobody has a key of: a chain's own roles give other addresses than these.");
  for (const contract of plan) say(described(contract));
  if (network === "mainnet") say(`\nNote     ${KEEPERS_NOTE}`);
  const note = poolNote(terms);
  if (nobodyThere)
    return say(`${note ? `\nNote     ${note}\n` : ""}\n${startOne(endpoints)}\n\nDry run: nothing was sent.`);
  await send(
    {
      network,
      sandbox,
      endpoint: sandbox?.endpoint ?? endpoints[0],
      apiKey: env.TON_API_KEY,
      seed,
      dryRun,
      poolNote: note,
    },
    plan,
    say,
  );
}

interface Sending {
  readonly network: Network;
  readonly sandbox: SandboxChain | null;
  readonly endpoint: string;
  readonly apiKey: string | undefined;
  readonly seed: Buffer | null;
  readonly dryRun: boolean;
  /** Said where the distributor is missing. */
  readonly poolNote: string | null;
}

/** Compares the plan with the network, says what the rest costs and, unless this is a dry run, deploys it. */
async function send(sending: Sending, plan: readonly PlannedContract[], say: Say): Promise<void> {
  const { endpoint, apiKey, seed, dryRun } = sending;
  const client = new TonClient({ endpoint, httpAdapter: retryingAdapter(), ...(apiKey ? { apiKey } : {}) });
  const missing = await missingOf(client, plan).catch((error: unknown) => {
    throw new Error(`${endpoint} could not be queried for deployed contracts: ${messageOf(error)}`, { cause: error });
  });
  if (missing.length === 0) return say("\nEverything is there already; nothing was sent.");
  if (sending.poolNote && missing.some(({ name }) => name === "distributor")) say(`\nNote     ${sending.poolNote}`);
  say(`\nMissing  ${missing.map(({ name }) => name).join(", ")}`);
  if (seed === null) {
    const needed = missing.reduce((sum, { value }) => sum + value, 0n);
    return say(
      `Cost     ${coins(needed)} into the contracts + fees; set DEPLOYER_SEED to the key of the wallet that pays\n\nDry run: nothing was sent.`,
    );
  }
  const deployer = deployerOf(sending, client, seed);
  const { needed, fee } = await prepare(deployer, missing);
  say(`From     ${deployer.wallet.address.toString({ bounceable: false })}`);
  const sendingFee = await fee().catch(() => null);
  const cost =
    sendingFee === null ? "fees known once the deployer's wallet has money" : `${coins(sendingFee)} sending fee`;
  say(`Cost     ${coins(needed)} into the contracts + ${cost}`);
  if (dryRun) return say("\nDry run: nothing was sent.");
  const sent = await deploy(deployer, plan);
  say(`\nDeployed ${sent.map(({ name }) => name).join(", ")}.`);
}

/** The wallet's address includes the network's id: on another network's endpoint the wallet is empty, so nothing is sent. */
function deployerOf({ network, sandbox }: Sending, client: TonClient, seed: Buffer) {
  const { publicKey, secretKey } = keyPairFromSeed(seed);
  const wallet = WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: NETWORKS[network].id } });
  return { client, wallet, secretKey, now: sandbox?.now ?? Date.now };
}

function startOne(endpoints: readonly string[]): string {
  return `No sandbox chain answers at ${endpoints.join(" or ")}: run npm start or npm run chain, or set TON_ENDPOINT to where one runs.`;
}

/** Only the message is shown: the error of a refused request holds its headers, and with them the API key. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function described({ name, contract, address, init, value, parameters }: PlannedContract): string {
  const lines = Object.entries(parameters).map(([key, parameter]) => `  ${key.padEnd(14)} ${parameter}`);
  return [
    `\n${name} (${contract})`,
    `  address        ${address.toString()}`,
    `  code hash      ${init.code.hash().toString("hex")}`,
    `  begins with    ${coins(value)}`,
    ...lines,
  ].join("\n");
}

function coins(nano: bigint): string {
  return `${nano / COIN}.${(nano % COIN).toString().padStart(9, "0")} ${COIN_NAME}`;
}

if (process.argv[1] === import.meta.filename)
  await run(process.argv.slice(2), process.env, console.log).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  });
