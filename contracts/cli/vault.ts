/** A vault, read and told in words. */
import { assertKnown } from "../offchain/known-contract.ts";
import { Vault } from "../wrappers/Vault.ts";
import type { VaultProposal, VaultPurpose, VaultState } from "../wrappers/Vault.ts";
import { VaultTerms as Terms } from "../wrappers/vault-codes.ts";
import type { CliContext } from "./cli-context.ts";
import { coins, when } from "./words.ts";

export interface VaultSnapshot {
  vault: Vault;
  state: VaultState;
  /** Nano units. */
  balance: bigint;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

const PURPOSE: Record<VaultPurpose, string> = {
  deposits: "people's deposits",
  till: "revenue, which escrows pay in",
  refunds: "proceeds of slashes, for refunds to users",
};

export async function showVault(context: CliContext): Promise<void> {
  const { vault, state, balance, nowS } = await readVault(context);
  const { say } = context;
  const friendly = { bounceable: false };
  say(`Vault      ${vault.address.toString()}`);
  say(`Holds      ${coins(balance)}: ${PURPOSE[state.purpose]}`);
  say(`Guardian   ${state.guardian.toString(friendly)}`);
  say(`Treasury   ${state.treasury.toString(friendly)}`);
  say(`Hot        ${state.hot.toString(friendly)}`);
  say(`Hot limit  ${coins(state.dailyLimit)} a day, ${coins(state.left)} of it left`);
  if (state.distributor) {
    say(`Pool limit ${coins(state.poolLimit)} a day, ${coins(state.poolLeft)} of it left`);
    say(`           to ${state.distributor.toString()} only`);
  }
  say(`Proposal   ${describeProposal(state.proposal, nowS)}`);
}

/** Reads the vault of the command line. @throws when its address has no contract, or one with other code. */
export async function readVault(context: CliContext): Promise<VaultSnapshot> {
  const { client, settings } = context;
  if (!settings.vault) throw new Error("Pass --vault with the vault's address.");
  const nowS = await assertKnown(context, "Vault", settings.vault);
  const vault = new Vault(settings.vault);
  return { vault, state: await client.open(vault).getState(), balance: await client.getBalance(vault.address), nowS };
}

function describeProposal(proposal: VaultState["proposal"], nowS: number): string {
  if (!proposal) return "none";
  const { by, executeAfter, what } = proposal;
  const until = executeAfter + Terms.PROPOSAL_WINDOW;
  const from = executeAfter > nowS ? `from ${when(executeAfter, nowS)}, or once the other keeper approves` : "now";
  const can = until <= nowS ? `expired ${when(until, nowS)}` : `can be executed ${from}, until ${when(until, nowS)}`;
  return `${proposalInWords(what)}, by the ${by}: ${can}`;
}

export function proposalInWords(what: VaultProposal): string {
  switch (what.kind) {
    case "sweep":
      return `${coins(what.amount)} to the treasury`;
    case "replaceRole":
      return `${what.to.toString({ bounceable: false })} as ${what.role}`;
    case "setLimits":
      return `limits of ${coins(what.dailyLimit)} a day to the hot wallet and ${coins(what.poolLimit)} to the pool`;
    case "sweepJetton":
      return `${what.amount} units of the jetton in ${what.wallet.toString()} to the treasury`;
  }
}
