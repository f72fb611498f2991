/**
 * The contracts StarAI needs on a network, their addresses and their deployment. An address follows from code and parameters,
 * so a plan can be read before anything is sent, and running it twice sends nothing the second time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { internal, SendMode } from "@ton/core";
import type { Address, Cell, MessageRelaxed, StateInit } from "@ton/core";
import type { TonClient, WalletContractV5R1 } from "@ton/ton";
import { frozen } from "../offchain/frozen.ts";
import { RewardDistributor } from "../wrappers/RewardDistributor.ts";
import type { DistributorTerms } from "../wrappers/RewardDistributor.ts";
import { Vault } from "../wrappers/Vault.ts";

export interface StackTerms {
  readonly publisher: Address;
  readonly guardian: Address;
  readonly treasury: Address;
  /** The payout wallet of the vaults. */
  readonly hot: Address;
  /** What it may take from the deposits vault and from the till a day: `dailyLimit` to itself, `poolLimit` to the reward pool. Nano units. */
  readonly dailyLimit: bigint;
  readonly poolLimit: bigint;
  readonly distributor: Omit<DistributorTerms, "publisher" | "guardian" | "treasury" | "refunds">;
  /** Initial balance of the reward pool, nano units; only contributors' claims can take it out again. */
  readonly poolNano: bigint;
}

export type DeployedName = "refunds" | "distributor" | "deposits" | "till";

export interface PlannedContract {
  readonly name: DeployedName;
  readonly contract: "Vault" | "RewardDistributor";
  readonly address: Address;
  readonly init: { readonly code: Cell; readonly data: Cell };
  /** Initial balance, nano units. */
  readonly value: bigint;
  /** For people to read and compare. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** More than a year's storage under either price list, nano units; a contract keeps what it does not use. */
const STORAGE_NANO = 100_000_000n;
/** Validity of the signature, seconds; one transfer deploys all contracts. */
const VALID_S = 120;
const WAIT_MS_MAX = 90_000;

/**
 * Every address goes into the data of the contracts after it: the distributor sends the proceeds of slashes to the refunds vault,
 * and the two vaults that earn feed the distributor. @throws {RangeError} on terms that would not be safe
 */
export function planDeployment(terms: StackTerms): PlannedContract[] {
  const { publisher, guardian, treasury, hot, dailyLimit, poolLimit, poolNano } = terms;
  const roles = { guardian, treasury, hot };
  const refundsTerms = { purpose: "refunds", ...roles, distributor: null, dailyLimit: 0n, poolLimit: 0n } as const;
  const refunds = Vault.of(refundsTerms);
  const distributorTerms = { publisher, guardian, treasury, refunds: refunds.address, ...terms.distributor };
  const distributor = RewardDistributor.fromTerms(distributorTerms);
  const earning = { ...roles, distributor: distributor.address, dailyLimit, poolLimit };
  const [deposits, till] = [
    { purpose: "deposits", ...earning },
    { purpose: "till", ...earning },
  ] as const;
  return [
    planned("refunds", "Vault", refunds, STORAGE_NANO, refundsTerms),
    planned("distributor", "RewardDistributor", distributor, STORAGE_NANO + poolNano, distributorTerms),
    planned("deposits", "Vault", Vault.of(deposits), STORAGE_NANO, deposits),
    planned("till", "Vault", Vault.of(till), STORAGE_NANO, till),
  ];
}

/** The addresses of a plan by name. */
export function addressesOf(plan: readonly PlannedContract[]): Record<DeployedName, Address> {
  return Object.fromEntries(plan.map(({ name, address }) => [name, address])) as Record<DeployedName, Address>;
}

/** The contracts of the plan that are not deployed yet. @throws when one is frozen. */
export async function missingOf(client: TonClient, plan: readonly PlannedContract[]): Promise<PlannedContract[]> {
  const missing: PlannedContract[] = [];
  for (const contract of plan) {
    const { state } = await client.getContractState(contract.address);
    if (state === "frozen") throw frozen(contract.name, contract.address);
    if (state !== "active") missing.push(contract);
  }
  return missing;
}

export interface Deployer {
  readonly client: TonClient;
  readonly wallet: WalletContractV5R1;
  readonly secretKey: Buffer;
  /** The network's time, ms since 1970; signatures expire by it. */
  readonly now: () => number;
}

/** The signed transfer that deploys `missing`, and what sending it costs on top of the values. Sends nothing. */
export async function prepare(deployer: Deployer, missing: readonly PlannedContract[]) {
  const { client, wallet, secretKey, now } = deployer;
  const deployed = await client.isContractDeployed(wallet.address);
  const messages: MessageRelaxed[] = missing.map(({ address, init, value }) =>
    internal({ to: address, value, init: init as StateInit, bounce: false }),
  );
  const body = wallet.createTransfer({
    seqno: deployed ? await client.open(wallet).getSeqno() : 0,
    secretKey,
    sendMode: SendMode.PAY_GAS_SEPARATELY,
    timeout: Math.floor(now() / 1_000) + VALID_S,
    messages,
  });
  const needed = missing.reduce((sum, { value }) => sum + value, 0n);
  return { body, needed, fee: () => feeOf(deployer, body, deployed) };
}

/** Deploys what is missing, waits for it and returns it. @throws when the wallet has too little or time runs out. */
export async function deploy(deployer: Deployer, plan: readonly PlannedContract[]): Promise<PlannedContract[]> {
  const { client, wallet } = deployer;
  const missing = await missingOf(client, plan);
  if (missing.length === 0) return [];
  const { body, needed } = await prepare(deployer, missing);
  const balance = await client.getBalance(wallet.address);
  if (balance < needed + STORAGE_NANO)
    throw new Error(
      `The deployer ${wallet.address.toString({ bounceable: false })} has ${balance} nano units and needs ${needed + STORAGE_NANO}: send it the difference first.`,
    );
  await client.open(wallet).send(body);
  const end = performance.now() + WAIT_MS_MAX;
  // A wallet that cannot pay accepts the transfer and sends nothing, so only the chain's state proves the deployment.
  while ((await missingOf(client, missing)).length > 0) {
    if (performance.now() > end)
      throw new Error("The contracts did not appear in time. Run again: deployed ones are not sent twice.");
    await sleep(300);
  }
  return missing;
}

async function feeOf({ client, wallet }: Deployer, body: Cell, deployed: boolean): Promise<bigint> {
  const init = deployed ? {} : { initCode: wallet.init.code, initData: wallet.init.data };
  const { source_fees: fees } = await client.estimateExternalMessageFee(wallet.address, {
    body,
    initCode: null,
    initData: null,
    ...init,
    ignoreSignature: true,
  });
  return BigInt(fees.in_fwd_fee + fees.storage_fee + fees.gas_fee + fees.fwd_fee);
}

function planned(
  name: DeployedName,
  contract: PlannedContract["contract"],
  { address, init }: { address: Address; init?: StateInit | undefined },
  value: bigint,
  parameters: Record<string, Address | bigint | number | string | null>,
): PlannedContract {
  if (!init?.code || !init.data) throw new Error(`${contract} has no code: run npm run contracts:compile`);
  const readable = Object.entries(parameters).map(([key, parameter]) => [key, readably(parameter)]);
  const { code, data } = init;
  return { name, contract, address, init: { code, data }, value, parameters: Object.fromEntries(readable) };
}

/** Amounts are the only bigints among parameters. */
function readably(parameter: Address | bigint | number | string | null): string {
  if (parameter === null) return "none";
  return typeof parameter === "bigint" ? `${parameter} nano units` : parameter.toString();
}
