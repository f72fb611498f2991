import { beginCell, Cell, contractAddress } from "@ton/core";
import type { Address, Builder, ContractProvider, Sender } from "@ton/core";
import artefact from "../artefacts/Vault.json" with { type: "json" };
import { ContractAt, messageHead } from "./contract-at.ts";
import { VaultOp } from "./vault-codes.ts";

/** Roles in the order of their numbers in the contract. */
export const VAULT_ROLES = ["guardian", "treasury", "hot"] as const;
export type VaultRole = (typeof VAULT_ROLES)[number];

/** Initial configuration of a vault. `dailyLimit` is nano units a day to the hot wallet. */
export interface VaultConfig extends Record<VaultRole, Address> {
  dailyLimit: bigint;
}

/** What keepers may propose. Amounts are nano units. */
export type VaultProposal =
  | { kind: "sweep"; amount: bigint }
  | { kind: "replaceRole"; role: VaultRole; to: Address }
  | { kind: "setDailyLimit"; limit: bigint };

/** `left` is what the hot wallet may take right now. */
export interface VaultState extends VaultConfig {
  left: bigint;
  /** `executeAfter` is UNIX seconds. */
  proposal: { executeAfter: number; what: VaultProposal } | null;
}

/** Holds users' prepaid money; docs/contracts.md says who may move it. */
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
    const [guardian, treasury, hot] = [stack.readAddress(), stack.readAddress(), stack.readAddress()];
    const [dailyLimit, left, proposal] = [stack.readBigNumber(), stack.readBigNumber(), stack.readCellOpt()];
    return { guardian, treasury, hot, dailyLimit, left, proposal: proposal && readProposal(proposal) };
  }
}

/** Bodies of the messages a vault accepts. */
export const vaultBody = {
  deposit: ({ queryId = 0n, userId }: { queryId?: bigint; userId: bigint }) =>
    messageHead(VaultOp.Deposit, queryId).storeUint(userId, 64).endCell(),
  payHot: ({ queryId = 0n, amount }: { queryId?: bigint; amount: bigint }) =>
    messageHead(VaultOp.PayHot, queryId).storeCoins(amount).endCell(),
  stopHot: ({ queryId = 0n }: { queryId?: bigint } = {}) => messageHead(VaultOp.StopHot, queryId).endCell(),
  propose: ({ queryId = 0n, what }: { queryId?: bigint; what: VaultProposal }) =>
    messageHead(VaultOp.Propose, queryId).storeBuilder(proposed(what)).endCell(),
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
    case "setDailyLimit":
      return beginCell().storeUint(VaultOp.SetDailyLimit, 32).storeCoins(what.limit);
  }
}

function readProposal(cell: Cell): NonNullable<VaultState["proposal"]> {
  const slice = cell.beginParse();
  const executeAfter = slice.loadUint(32);
  const op = slice.loadUint(32);
  if (op === VaultOp.Sweep) return { executeAfter, what: { kind: "sweep", amount: slice.loadCoins() } };
  if (op === VaultOp.SetDailyLimit) return { executeAfter, what: { kind: "setDailyLimit", limit: slice.loadCoins() } };
  const role = VAULT_ROLES[slice.loadUint(8)];
  if (op !== VaultOp.ReplaceRole || !role)
    throw new Error(`the vault holds a proposal this wrapper does not know: ${op}`);
  return { executeAfter, what: { kind: "replaceRole", role, to: slice.loadAddress() } };
}

function initialData(config: VaultConfig): Cell {
  for (const role of VAULT_ROLES)
    if (config[role].workChain !== 0)
      throw new RangeError(`the vault's ${role} must be in the basechain: use an address that begins with 0:`);
  if (config.guardian.equals(config.treasury))
    throw new RangeError("guardian and treasury watch each other: give two different addresses");
  const roles = beginCell();
  for (const role of VAULT_ROLES) roles.storeAddress(config[role]);
  return beginCell()
    .storeRef(roles.endCell())
    .storeCoins(config.dailyLimit)
    .storeCoins(config.dailyLimit) // A new vault's allowance is full.
    .storeUint(0, 32)
    .storeMaybeRef(null)
    .endCell();
}
