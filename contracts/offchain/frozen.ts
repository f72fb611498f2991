import type { Address } from "@ton/core";

/** Why a contract cannot be used now. Money alone does not wake it: the network keeps only the hash of its last state. */
export function frozen(name: string, address: Address): Error {
  return new Error(
    `The ${name} ${address.toString()} is frozen by storage debt, and money alone does not wake it: \`wake <file>\` does, with the state that \`state\` saved while it lived.`,
  );
}
