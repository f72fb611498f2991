import type { Address } from "@ton/core";
import type { BlockchainTransaction } from "@ton/sandbox";
import { feesOf } from "../tests/test-chain.ts";

/** One line of the table: what one message costs from its sender's signature to its last consequence. Fees are nano units. */
export interface GasRow {
  contract: string;
  message: string;
  /** Gas units spent by StarAI's contracts, without any wallet. */
  gas: bigint;
  /** Everything validators took except the wallets' own work: contracts' gas and storage, and forwarding of every message. */
  fee: bigint;
  /** The wallets' own work: the sender's and the receivers'. */
  walletFee: bigint;
  /** A change that makes the message cost more than this fails `contracts/tests/gas.test.ts`. */
  feeMax: bigint;
}

/** Adds up the cost of one sent message. `wallets` are the accounts whose work does not count as the contracts'. */
export function gasRow(
  name: { contract: string; message: string; feeMax: bigint },
  transactions: readonly BlockchainTransaction[],
  wallets: readonly Address[],
): GasRow {
  const row: GasRow = { ...name, gas: 0n, fee: 0n, walletFee: 0n };
  for (const transaction of transactions) {
    const total = feesOf(transaction);
    const { description, inMessage } = transaction;
    if (description.type !== "generic") continue;
    if (!wallets.some((wallet) => wallet.toString() === inMessage?.info.dest?.toString())) {
      row.gas += description.computePhase.type === "vm" ? description.computePhase.gasUsed : 0n;
      row.fee += total;
    } else {
      const forwarding = description.actionPhase?.totalFwdFees ?? 0n;
      row.fee += forwarding;
      row.walletFee += total - forwarding;
    }
  }
  return row;
}

/** The table of contracts/README.md. */
export function gasTable(rows: readonly GasRow[]): string {
  return [
    "| contract | message | gas | fee | limit | wallets' own share |",
    "|---|---|---:|---:|---:|---:|",
    ...rows.map(
      (row) =>
        `| ${row.contract} | ${row.message} | ${row.gas} | ${unit(row.fee)} | ${unit(row.feeMax)} | ${unit(row.walletFee)} |`,
    ),
  ].join("\n");
}

const unit = (nano: bigint): string => (Number(nano) / 1e9).toFixed(6);
