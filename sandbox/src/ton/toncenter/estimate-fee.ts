/** Estimates a message's cost for its receiver: the emulator runs it on the present state and nothing is stored. */
import { Cell, external, loadTransaction } from "@ton/core";
import type { Address, Transaction } from "@ton/core";
import type { Chain } from "../chain.ts";
import { RpcFault } from "./rpc-fault.ts";
import { feesOf } from "./views.ts";

export interface FeeQuestion {
  readonly address: Address;
  readonly body: Cell;
  readonly code: Cell | null;
  readonly data: Cell | null;
  readonly ignoreSignature: boolean;
}

/** Nano units, as toncenter's `query.fees`. @throws {RpcFault} when the contract does not accept the message. */
export async function estimateFee(chain: Chain, { address, body, code, data, ignoreSignature }: FeeQuestion) {
  const exists = chain.account(address).account?.storage.state.type === "active";
  const init = code && data && !exists ? { code, data } : null;
  const outcome = await chain.dryRun(external({ to: address, body, init }), { ignoreSignature });
  if (outcome.kind === "refused")
    throw new RpcFault(
      500,
      `LITE_SERVER_UNKNOWN: cannot estimate: ${outcome.error} (exitcode=${outcome.exitCode ?? "none"})`,
    );
  const transaction = loadTransaction(Cell.fromBase64(outcome.transaction).beginParse());
  return { "@type": "query.fees", source_fees: { "@type": "fees", ...parts(transaction) }, destination_fees: [] };
}

function parts(transaction: Transaction) {
  const { description } = transaction;
  if (description.type !== "generic") throw new RpcFault(500, "cannot estimate: not an ordinary transaction");
  const { storage, total } = feesOf(transaction);
  const gas = description.computePhase.type === "vm" ? description.computePhase.gasFees : 0n;
  const forward = description.actionPhase?.totalFwdFees ?? 0n;
  return {
    // The remainder of the total is the import fee of the message itself.
    in_fwd_fee: Number(total - storage - gas - forward),
    storage_fee: Number(storage),
    gas_fee: Number(gas),
    fwd_fee: Number(forward),
  };
}
