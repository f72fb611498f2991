/** Account states in the emulator's format, for accounts without transactions. */
import { beginCell, storeShardAccount } from "@ton/core";
import type { Address } from "@ton/core";

/** An account that does not exist: base64, as the emulator wants it. */
export function emptyShardAccount(): string {
  return beginCell()
    .store(storeShardAccount({ lastTransactionLt: 0n, lastTransactionHash: 0n }))
    .endCell()
    .toBoc()
    .toString("base64");
}

/** An account without code that owns `nano`, as a genesis gives it. */
export function fundedShardAccount({ address, nano }: { address: Address; nano: bigint }): Buffer {
  const storageStats = { used: { cells: 0n, bits: 0n }, lastPaid: 0, duePayment: null, storageExtra: null };
  const storage = { lastTransLt: 0n, balance: { coins: nano }, state: { type: "uninit" as const } };
  return beginCell()
    .store(
      storeShardAccount({
        account: { addr: address, storageStats, storage },
        lastTransactionLt: 0n,
        lastTransactionHash: 0n,
      }),
    )
    .endCell()
    .toBoc();
}
