import type { TonClient } from "@ton/ton";
import type { ProofChain } from "./ton-proof.ts";

/** What `verifyTonProof` asks, through a toncenter endpoint. */
export function proofChainOf(client: TonClient): ProofChain {
  return {
    isDeployed: async (address) => (await client.getContractState(address)).state !== "uninitialized",
    getNumber: async (address, method) => {
      const { exit_code: exitCode, stack } = await client.runMethodWithError(address, method);
      const item = exitCode === 0 && stack.remaining > 0 ? stack.pop() : null;
      return item?.type === "int" ? item.value : null;
    },
  };
}
