/** One contributor's stake and claimed sum on chain. Its address follows from the owner's wallet and the distributor. */
import { beginCell, Cell, contractAddress } from "@ton/core";
import type { Address, Contract, ContractProvider, Sender, StateInit } from "@ton/core";
import artefact from "../artefacts/ContributorAccount.json" with { type: "json" };
import { messageHead } from "./contract-at.ts";
import { ContributorAccountOp as Op } from "./contributor-account-codes.ts";

export const contributorAccountCode: Cell = Cell.fromBase64(artefact.code);

/** Amounts in nano units, times in UNIX seconds. */
export interface AccountData {
  owner: Address;
  distributor: Address;
  claimed: bigint;
  stake: bigint;
  unbonding: bigint;
  unbondAt: number;
  /** Zero when no slash is open, also once one has expired. */
  disputed: bigint;
  /** From then on anybody may execute the slash, for `DISPUTE_SECONDS`. */
  executeAfter: number;
  reason: bigint;
  slashedInWindow: bigint;
  windowEndsAt: number;
  coolUntil: number;
  /** Where an executed slash is paid to; null before the first. */
  proceeds: Address | null;
  /**
   * What a claim must attach on top of the distributor's `getClaimValue`: an upper bound of the rent owed, 0.1 coin at most. What was
   * too much is refunded.
   */
  storageDue: bigint;
}

export class ContributorAccount implements Contract {
  readonly address: Address;
  readonly init: StateInit;

  constructor({ owner, distributor }: { owner: Address; distributor: Address }) {
    if (owner.workChain !== 0) throw new Error("A contributor's wallet must be in the basechain (workchain 0)");
    this.init = { code: contributorAccountCode, data: freshAccount(owner, distributor) };
    this.address = contractAddress(0, this.init);
  }

  /** Adds to the stake and deploys the account. `value` must cover amount, gas and storage reserve; the rest is refunded. */
  async sendStake(provider: ContractProvider, via: Sender, input: { value: bigint; amount: bigint }): Promise<void> {
    await provider.internal(via, { value: input.value, body: stakeBody(input.amount) });
  }

  async sendRequestUnbond(
    provider: ContractProvider,
    via: Sender,
    input: { value: bigint; amount: bigint },
  ): Promise<void> {
    await provider.internal(via, { value: input.value, body: requestUnbondBody(input.amount) });
  }

  async sendWithdraw(provider: ContractProvider, via: Sender, value: bigint): Promise<void> {
    await provider.internal(via, { value, body: withdrawUnbondedBody() });
  }

  /** Anybody may execute a slash whose appeal time is over. */
  async sendExecuteSlash(provider: ContractProvider, via: Sender, value: bigint): Promise<void> {
    await provider.internal(via, { value, body: executeSlashBody() });
  }

  async getData(provider: ContractProvider): Promise<AccountData> {
    const { stack } = await provider.get("account_data", []);
    const sums = {
      owner: stack.readAddress(),
      distributor: stack.readAddress(),
      claimed: stack.readBigNumber(),
      stake: stack.readBigNumber(),
      unbonding: stack.readBigNumber(),
      unbondAt: stack.readNumber(),
    };
    stack.skip(2); // rentCoveredAt, of which storageDue is made, and the cell of the disputes that follow
    return {
      ...sums,
      disputed: stack.readBigNumber(),
      executeAfter: stack.readNumber(),
      reason: stack.readBigNumber(),
      slashedInWindow: stack.readBigNumber(),
      windowEndsAt: stack.readNumber(),
      coolUntil: stack.readNumber(),
      proceeds: stack.readAddressOpt(),
      storageDue: stack.readBigNumber(),
    };
  }

  /** `storageDue` of the account's data, nano units; zero where there is no account yet, whose first claim deploys it. */
  async getStorageDue(provider: ContractProvider): Promise<bigint> {
    const { state } = await provider.getState();
    return state.type === "active" ? (await this.getData(provider)).storageDue : 0n;
  }
}

export function stakeBody(amount: bigint, queryId = 0n): Cell {
  return messageHead(Op.Stake, queryId).storeCoins(amount).endCell();
}

export function requestUnbondBody(amount: bigint, queryId = 0n): Cell {
  return messageHead(Op.RequestUnbond, queryId).storeCoins(amount).endCell();
}

export function withdrawUnbondedBody(queryId = 0n): Cell {
  return messageHead(Op.WithdrawUnbonded, queryId).endCell();
}

export function executeSlashBody(queryId = 0n): Cell {
  return messageHead(Op.ExecuteSlash, queryId).endCell();
}

/** `AccountStorage.fresh` of storage.tolk. */
function freshAccount(owner: Address, distributor: Address): Cell {
  return beginCell()
    .storeAddress(owner)
    .storeAddress(distributor)
    .storeCoins(0)
    .storeCoins(0)
    .storeCoins(0)
    .storeUint(0, 32 + 32)
    .storeMaybeRef(null)
    .endCell();
}
