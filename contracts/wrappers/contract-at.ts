import { beginCell } from "@ton/core";
import type { Address, Builder, Cell, Contract, ContractProvider } from "@ton/core";
import type { Sender, StateInit } from "@ton/core";

/** A contract at an address. `init` is there where it is known what the address is made of: then a message can deploy it. */
export abstract class ContractAt implements Contract {
  readonly address: Address;
  readonly init?: StateInit;

  constructor(address: Address, init?: StateInit) {
    this.address = address;
    if (init) this.init = init;
  }

  /** Sends any body that the contract takes; its wrapper makes them. */
  async sendBody(provider: ContractProvider, via: Sender, options: { value: bigint; body: Cell }): Promise<void> {
    await provider.internal(via, options);
  }
}

/** How every message of ours begins: what it is, and a number that comes back in the answer. */
export function messageHead(op: number, queryId = 0n): Builder {
  return beginCell().storeUint(op, 32).storeUint(queryId, 64);
}
