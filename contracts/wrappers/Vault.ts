import { beginCell, Cell, contractAddress } from "@ton/core";
import type { Address, Builder, ContractProvider, Sender, Slice } from "@ton/core";
import artefact from "../artefacts/Vault.json" with { type: "json" };
import { ContractAt, messageHead } from "./contract-at.ts";
import { VaultOp } from "./vault-codes.ts";

/** Roles in the order of their numbers in the contract. */
export const VAULT_ROLES = ["guardian", "treasury", "hot"] as const;
export type VaultRole = (typeof VAULT_ROLES)[number];

/** Whose money a vault holds, by the number in the contract: people's deposits, revenue of escrows, refunds out of slashes. */
const PURPOSES = { 1: "deposits", 2: "till", 3: "refunds" } as const;
export type VaultPurpose = (typeof PURPOSES)[keyof typeof PURPOSES];

/** Initial configuration of a vault. `purpose` and `distributor` never change. Limits are nano units a day. */
export interface VaultConfig extends Record<VaultRole, Address> {
  purpose: VaultPurpose;
  /** The reward pool that the hot wallet may fund; null in a vault for refunds, and only there. */
  distributor: Address | null;
  /** What the hot wallet may draw. */
  dailyLimit: bigint;
  /** What it may send to the reward pool besides. */
  poolLimit: bigint;
}

/** What keepers may propose. Amounts are nano units, of jettons the jetton's own units. `wallet` is the vault's jetton wallet. */
export type VaultProposal =
  | { kind: "sweep"; amount: bigint }
  | { kind: "replaceRole"; role: VaultRole; to: Address }
  | { kind: "setLimits"; dailyLimit: bigint; poolLimit: bigint }
  | { kind: "sweepJetton"; wallet: Address; amount: bigint };

/** `left` is what the hot wallet may draw right now, `poolLeft` what it may send to the reward pool. */
export interface VaultState extends VaultConfig {
  left: bigint;
  poolLeft: bigint;
  /** `by` proposed it, and the other keeper may approve it; `executeAfter` is UNIX seconds. */
  proposal: { by: "guardian" | "treasury"; executeAfter: number; what: VaultProposal } | null;
}

/** Holds money for one purpose; docs/contracts.md says who may move it. */
export class Vault extends ContractAt {
  static readonly code = Cell.fromBase64(artefact.code);

  /** The vault of this configuration, deployed or not. Throws on a configuration that would not be safe. */
  static of(config: VaultConfig): Vault {
    const init = { code: Vault.code, data: initialData(config) };
    return new Vault(contractAddress(0, init), init);
  }

  /** Deposits for a user of the stack; the first one deploys the vault. */
  async sendDeposit(
    provider: ContractProvider,
    via: Sender,
    options: { value: bigint; userId: bigint; queryId?: bigint },
  ): Promise<void> {
    await provider.internal(via, { value: options.value, body: vaultBody.deposit(options) });
  }

  async getState(provider: ContractProvider): Promise<VaultState> {
    const { stack } = await provider.get("get_vault", []);
    const purpose = purposeOf(stack.readNumber());
    const distributor = stack.readAddressOpt();
    const [guardian, treasury, hot] = [stack.readAddress(), stack.readAddress(), stack.readAddress()];
    const [dailyLimit, left] = [stack.readBigNumber(), stack.readBigNumber()];
    const [poolLimit, poolLeft] = [stack.readBigNumber(), stack.readBigNumber()];
    const pending = stack.readCellOpt();
    const proposal = pending && readProposal(pending.beginParse());
    return { purpose, distributor, guardian, treasury, hot, dailyLimit, left, poolLimit, poolLeft, proposal };
  }
}

/** Bodies of the messages a vault accepts. */
export const vaultBody = {
  deposit: ({ queryId = 0n, userId }: { queryId?: bigint; userId: bigint }) =>
    messageHead(VaultOp.Deposit, queryId).storeUint(userId, 64).endCell(),
  payHot: ({ queryId = 0n, amount }: { queryId?: bigint; amount: bigint }) =>
    messageHead(VaultOp.PayHot, queryId).storeCoins(amount).endCell(),
  payPool: ({ queryId = 0n, amount }: { queryId?: bigint; amount: bigint }) =>
    messageHead(VaultOp.PayPool, queryId).storeCoins(amount).endCell(),
  stopHot: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(VaultOp.StopHot, queryId).endCell(),
  propose: ({ queryId = 0n, what }: { queryId?: bigint; what: VaultProposal }) =>
    messageHead(VaultOp.Propose, queryId).storeBuilder(proposed(what)).endCell(),
  /** Repeats what is approved: the vault refuses when something else is pending. */
  approve: ({ queryId = 0n, what }: { queryId?: bigint; what: VaultProposal }) =>
    messageHead(VaultOp.Approve, queryId).storeBuilder(proposed(what)).endCell(),
  cancel: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(VaultOp.Cancel, queryId).endCell(),
  execute: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(VaultOp.Execute, queryId).endCell(),
};

function proposed(what: VaultProposal): Builder {
  switch (what.kind) {
    case "sweep":
      return beginCell().storeUint(VaultOp.Sweep, 32).storeCoins(what.amount);
    case "replaceRole":
      return beginCell()
        .storeUint(VaultOp.ReplaceRole, 32)
        .storeUint(VAULT_ROLES.indexOf(what.role), 8)
        .storeAddress(what.to);
    case "setLimits":
      return beginCell().storeUint(VaultOp.SetLimits, 32).storeCoins(what.dailyLimit).storeCoins(what.poolLimit);
    case "sweepJetton":
      return beginCell().storeUint(VaultOp.SweepJetton, 32).storeAddress(what.wallet).storeCoins(what.amount);
  }
}

function readProposal(slice: Slice): NonNullable<VaultState["proposal"]> {
  const by = slice.loadBit() ? "guardian" : "treasury";
  return { by, executeAfter: slice.loadUint(32), what: readWhat(slice) };
}

function readWhat(slice: Slice): VaultProposal {
  const op = slice.loadUint(32);
  switch (op) {
    case VaultOp.Sweep:
      return { kind: "sweep", amount: slice.loadCoins() };
    case VaultOp.ReplaceRole:
      return { kind: "replaceRole", role: VAULT_ROLES[slice.loadUint(8)]!, to: slice.loadAddress() };
    case VaultOp.SetLimits:
      return { kind: "setLimits", dailyLimit: slice.loadCoins(), poolLimit: slice.loadCoins() };
    case VaultOp.SweepJetton:
      return { kind: "sweepJetton", wallet: slice.loadAddress(), amount: slice.loadCoins() };
    default:
      throw new Error(`the vault holds a proposal this wrapper does not know: ${op}`);
  }
}

function purposeOf(number: number): VaultPurpose {
  const purpose = PURPOSES[number as keyof typeof PURPOSES];
  if (!purpose) throw new Error(`the vault has a purpose this wrapper does not know: ${number}`);
  return purpose;
}

function initialData(config: VaultConfig): Cell {
  assertSafe(config);
  const [purpose] = Object.entries(PURPOSES).find(([, name]) => name === config.purpose) ?? [];
  const roles = beginCell();
  for (const role of VAULT_ROLES) roles.storeAddress(config[role]);
  return beginCell()
    .storeUint(Number(purpose), 8)
    .storeAddress(config.distributor)
    .storeRef(roles.endCell())
    .storeCoins(config.dailyLimit)
    .storeCoins(config.poolLimit)
    .storeCoins(0) // Nothing is drawn: both allowances of a new vault are full.
    .storeCoins(0)
    .storeUint(0, 32)
    .storeMaybeRef(null)
    .endCell();
}

function assertSafe({ purpose, distributor, ...config }: VaultConfig): void {
  for (const role of VAULT_ROLES)
    if (config[role].workChain !== 0)
      throw new RangeError(`the vault's ${role} must be in the basechain: use an address that begins with 0:`);
  if (new Set(VAULT_ROLES.map((role) => config[role].toRawString())).size < VAULT_ROLES.length)
    throw new RangeError(
      "guardian, treasury and hot must be three different addresses: one stolen key is then one role",
    );
  if (!Object.values(PURPOSES).includes(purpose))
    throw new RangeError(`a vault's purpose is one of ${Object.values(PURPOSES).join(", ")}, not ${purpose as string}`);
  if ((purpose === "refunds") !== (distributor === null))
    throw new RangeError(
      "a vault for refunds has no distributor, and every other one has: its pool is what the vault may fund",
    );
  if (distributor && distributor.workChain !== 0)
    throw new RangeError("the vault's distributor must be in the basechain: use an address that begins with 0:");
}
