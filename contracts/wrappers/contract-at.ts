import { beginCell } from "@ton/core";
import type { Address, Builder, Cell, Contract, ContractProvider } from "@ton/core";
import type { Sender, StateInit } from "@ton/core";

/** A contract at an address. `init` is set when the code and data of the address are known: then a message can deploy it. */
export abstract class ContractAt implements Contract {
  readonly address: Address;
  readonly init?: StateInit;

  constructor(address: Address, init?: StateInit) {
    this.address = address;
    if (init) this.init = init;
  }

  /** Sends any body that the contract accepts; its wrapper builds them. */
  async sendBody(provider: ContractProvider, via: Sender, options: { value: bigint; body: Cell }): Promise<void> {
    await provider.internal(via, options);
  }
}

/** Starts a message body: its op code, and a query id that the answer repeats. */
export function messageHead(op: number, queryId = 0n): Builder {
  return beginCell().storeUint(op, 32).storeUint(queryId, 64);
}
