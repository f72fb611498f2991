/** Holdings and parties of StarAI's contracts, read by get methods and shown before a contract's code hash. */
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { ContributorAccount } from "@starai/contracts/ContributorAccount";
import { Escrow } from "@starai/contracts/Escrow";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import { Vault } from "@starai/contracts/Vault";
import type { Names, Party } from "./names.ts";

/** `key` is a text key of the page. Amounts are decimal nano units, times seconds since 1970. */
export type Holding =
  | { readonly key: string; readonly kind: "amount"; readonly value: string }
  | { readonly key: string; readonly kind: "time"; readonly value: number }
  | { readonly key: string; readonly kind: "number"; readonly value: number }
  | { readonly key: string; readonly kind: "party"; readonly value: Party };

export class Holdings {
  readonly #client: TonClient;
  readonly #names: Names;

  constructor(client: TonClient, names: Names) {
    this.#client = client;
    this.#names = names;
  }

  /** Empty for other contracts, and when a get method fails, e.g. on a busy chain; the page shows the rest. */
  async of(contract: string | null, address: Address): Promise<Holding[]> {
    return await this.#read(contract, address).catch(() => []);
  }

  async #read(contract: string | null, address: Address): Promise<Holding[]> {
    switch (contract) {
      case null:
        return [];
      case "Vault": {
        const { dailyLimit, left, hot, guardian, treasury } = await this.#client.open(new Vault(address)).getState();
        return [
          nano("dailyLimit", dailyLimit),
          nano("leftToday", left),
          this.#party("hot", hot),
          this.#party("guardian", guardian),
          this.#party("treasury", treasury),
        ];
      }
      case "RewardDistributor": {
        const distributor = this.#client.open(new RewardDistributor(address));
        const { epoch, epochCap, totalPaid, frozenUntil } = await distributor.getData();
        return [
          { key: "epoch", kind: "number", value: epoch },
          nano("epochCap", epochCap),
          nano("payableNow", await distributor.getPayableNow()),
          nano("totalPaid", totalPaid),
          ...time("frozenUntil", frozenUntil),
        ];
      }
      case "ContributorAccount": {
        // The wrapper needs the account's owner and distributor, which its get method returns.
        const { stack } = await this.#client.runMethod(address, "account_data");
        const terms = { owner: stack.readAddress(), distributor: stack.readAddress() };
        const account = await this.#client.open(new ContributorAccount(terms)).getData();
        return [
          this.#party("owner", account.owner),
          nano("stake", account.stake),
          nano("unbonding", account.unbonding),
          ...time("unbondAt", account.unbonding > 0n ? account.unbondAt : 0),
          nano("claimed", account.claimed),
        ];
      }
      case "Escrow": {
        const escrow = this.#client.open(new Escrow(address));
        const { owner, vault, settled } = await escrow.getState();
        return [
          this.#party("owner", owner),
          this.#party("vault", vault),
          nano("spendable", await escrow.getSpendable()),
          nano("settled", settled),
        ];
      }
      default:
        return [];
    }
  }

  #party(key: string, address: Address): Holding {
    return { key, kind: "party", value: this.#names.party(address) };
  }
}

function nano(key: string, value: bigint): Holding {
  return { key, kind: "amount", value: value.toString() };
}

function time(key: string, seconds: number): Holding[] {
  return seconds > 0 ? [{ key, kind: "time", value: seconds }] : [];
}
