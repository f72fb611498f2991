/** Commands of a vault's keepers, and of its hot wallet. Who may is the vault's decision: it refuses anybody else by its own rule. */
import type { Address, Cell } from "@ton/core";
import { VAULT_ROLES, vaultBody } from "../wrappers/Vault.ts";
import type { VaultProposal } from "../wrappers/Vault.ts";
import type { CliContext } from "./cli-context.ts";
import type { Command } from "./command.ts";
import { deliver } from "./deliver.ts";
import { parsedAddress } from "./settings.ts";
import { proposalInWords, readVault, showVault } from "./vault.ts";
import type { VaultSnapshot } from "./vault.ts";
import { coins, coinsOf } from "./words.ts";

/** Attached value, nano units: gas under either price list. A vault that sends nothing on keeps the rest. */
const ATTACHED = 20_000_000n;
/** What a jetton's transfer needs is its wallet's affair; the rest goes to the treasury. */
const ATTACHED_FOR_JETTONS = 150_000_000n;

const KEEPERS = { role: "Keepers of a vault (guardian and treasury)" } as const;
const HOT = { role: "Hot wallet of a vault" } as const;

export const VAULT_COMMANDS: readonly Command[] = [
  { role: "Anybody", name: "vault", does: "purpose, limits, proposal of --vault", run: showVault },
  { ...KEEPERS, name: "stop", does: "stops the hot wallet at once", run: stop },
  {
    ...KEEPERS,
    name: "propose-sweep",
    takes: ["amount"],
    does: "proposes to send it to the treasury",
    run: (context, [amount = ""]) => propose(context, { kind: "sweep", amount: coinsOf("The amount", amount) }),
  },
  {
    ...KEEPERS,
    name: "propose-role",
    takes: ["role", "address"],
    does: "proposes another guardian, treasury or hot",
    run: (context, [role = "", to = ""]) =>
      propose(context, { kind: "replaceRole", role: roleOf(role), to: parsedAddress("The address", to) }),
  },
  {
    ...KEEPERS,
    name: "propose-limits",
    takes: ["daily", "pool"],
    does: "proposes what hot may take, and give to the pool, in a day",
    run: (context, [daily = "", pool = ""]) =>
      propose(context, {
        kind: "setLimits",
        dailyLimit: coinsOf("The daily limit", daily, 0n),
        poolLimit: coinsOf("The pool limit", pool, 0n),
      }),
  },
  {
    ...KEEPERS,
    name: "propose-jetton",
    takes: ["jetton wallet", "units"],
    does: "proposes to send jettons that came in to the treasury",
    run: (context, [wallet = "", units = ""]) =>
      propose(context, {
        kind: "sweepJetton",
        wallet: parsedAddress("The jetton wallet", wallet),
        amount: unitsOf(units),
      }),
  },
  { ...KEEPERS, name: "approve", does: "ends the wait of the other keeper's proposal", run: approve },
  { ...KEEPERS, name: "cancel", does: "withdraws the proposal, whoever made it", run: cancel },
  { ...KEEPERS, name: "execute", does: "executes the proposal; anybody may", run: execute },
  {
    ...HOT,
    name: "pay-hot",
    takes: ["amount"],
    does: "takes it out of the daily allowance",
    run: (context, [amount = ""]) => payHot(context, coinsOf("The amount", amount)),
  },
  {
    ...HOT,
    name: "pay-pool",
    takes: ["amount"],
    does: "sends it to the reward pool",
    run: (context, [amount = ""]) => payPool(context, coinsOf("The amount", amount)),
  },
];

async function stop(context: CliContext): Promise<void> {
  const seen = await readVault(context);
  if (await order(context, seen, vaultBody.stopHot()))
    context.say("Stopped: the hot wallet can take nothing until another limit is proposed and executed.");
}

async function propose(context: CliContext, what: VaultProposal): Promise<void> {
  const seen = await readVault(context);
  if (!(await order(context, seen, vaultBody.propose({ what })))) return;
  context.say(
    `Proposed: ${proposalInWords(what)}. The other keeper sees it with \`vault\`; \`approve\` ends the wait.`,
  );
}

/** Approves what is pending now, in words first: another proposal in its place would be refused. */
async function approve(context: CliContext): Promise<void> {
  const seen = await readVault(context);
  const { what, by } = pendingOf(seen);
  context.say(`Pending: ${proposalInWords(what)}, by the ${by}`);
  const from = by === "guardian" ? seen.state.treasury : seen.state.guardian;
  if (await order(context, seen, vaultBody.approve({ what }), { from })) context.say("Approved: `execute` works now.");
}

async function cancel(context: CliContext): Promise<void> {
  const seen = await readVault(context);
  if (await order(context, seen, vaultBody.cancel())) context.say("Cancelled: nothing is proposed any more.");
}

async function execute(context: CliContext): Promise<void> {
  const seen = await readVault(context);
  const { what } = pendingOf(seen);
  const value = what.kind === "sweepJetton" ? ATTACHED_FOR_JETTONS : ATTACHED;
  if (await order(context, seen, vaultBody.execute(), { value })) context.say(`Executed: ${proposalInWords(what)}.`);
}

async function payHot(context: CliContext, amount: bigint): Promise<void> {
  const seen = await readVault(context);
  if (await order(context, seen, vaultBody.payHot({ amount }), { from: seen.state.hot }))
    context.say(`${coins(amount)} went to the hot wallet.`);
}

async function payPool(context: CliContext, amount: bigint): Promise<void> {
  const seen = await readVault(context);
  const { distributor, hot } = seen.state;
  const reached = distributor ? [{ name: "distributor", address: distributor }] : [];
  if (await order(context, seen, vaultBody.payPool({ amount }), { from: hot, reached }))
    context.say(`${coins(amount)} went to the reward pool.`);
}

async function order(
  context: CliContext,
  { vault: { address } }: VaultSnapshot,
  body: Cell,
  {
    value = ATTACHED,
    from,
    reached = [],
  }: { value?: bigint; from?: Address; reached?: { name: string; address: Address }[] } = {},
): Promise<boolean> {
  const contracts = [{ name: "vault", address }, ...reached];
  return deliver(context, { to: address, value, body, contracts, ...(from && { from }) });
}

function pendingOf({ state }: VaultSnapshot) {
  if (!state.proposal) throw new Error("Nothing is proposed: `vault` shows the state.");
  return state.proposal;
}

function roleOf(word: string) {
  const role = VAULT_ROLES.find((known) => known === word);
  if (!role) throw new Error(`The role must be ${VAULT_ROLES.join(", ")}, not "${word.slice(0, 40)}".`);
  return role;
}

function unitsOf(text: string): bigint {
  if (!/^[1-9]\d{0,35}$/.test(text)) throw new Error("The units are a whole number of the jetton's smallest units.");
  return BigInt(text);
}
