/** What a watch tells of a vault: who may move its money, how much, and what is proposed. */
import type { Address } from "@ton/core";
import { VAULT_ROLES } from "../../wrappers/Vault.ts";
import type { VaultState } from "../../wrappers/Vault.ts";
import { VaultTerms as Terms } from "../../wrappers/vault-codes.ts";
import { proposalInWords } from "../vault.ts";
import { coins, dateOf } from "../words.ts";
import type { Fact } from "./fact.ts";

export function vaultFacts({ address, state }: { address: Address; state: VaultState }): Fact[] {
  const name = `${address.toString()} (${state.purpose})`;
  const facts = [...roleFacts(state), limitFact(state), proposalFact(state)];
  return facts.map(({ key, says, alarming }) => ({
    key: `${address.toString()} ${key}`,
    says: `${name}: ${says}`,
    alarming,
  }));
}

function roleFacts(state: VaultState): Fact[] {
  return VAULT_ROLES.map((role) => ({
    key: role,
    says: `the ${role} is ${state[role].toString({ bounceable: false })}`,
    alarming: false,
  }));
}

/** A vault for refunds is born without limits; another one has none when a keeper has stopped its hot wallet. */
function limitFact({ purpose, dailyLimit, poolLimit }: VaultState): Fact {
  const stopped = purpose !== "refunds" && dailyLimit === 0n && poolLimit === 0n;
  return {
    key: "limits",
    says: stopped
      ? "the hot wallet is stopped"
      : `the hot wallet may take ${coins(dailyLimit)} a day, and give ${coins(poolLimit)} to the pool`,
    alarming: stopped,
  };
}

function proposalFact({ proposal }: VaultState): Fact {
  if (!proposal) return { key: "proposal", says: "nothing is proposed", alarming: false };
  const { by, what, executeAfter } = proposal;
  const [from, until] = [dateOf(executeAfter), dateOf(executeAfter + Terms.PROPOSAL_WINDOW)];
  const says = `the ${by} proposes ${proposalInWords(what)}; anybody can execute it from ${from} until ${until}`;
  return { key: "proposal", says, alarming: true };
}
