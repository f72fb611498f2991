/** Commands for an open escrow, a user's prepaid balance: show, request the close, withdraw. */
import { Cell } from "@ton/core";
import { EscrowTerms as Terms } from "../wrappers/escrow-codes.ts";
import { Escrow, escrowBody } from "../wrappers/Escrow.ts";
import type { EscrowState } from "../wrappers/Escrow.ts";
import { ownerOf, senderOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { deliver } from "./deliver.ts";
import { frozen } from "../offchain/frozen.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { coins, when } from "./words.ts";

/** Attached value, nano units; everything except gas is refunded. */
const ATTACHED = 50_000_000n;

export interface EscrowSnapshot {
  escrow: Escrow;
  state: EscrowState;
  /** The balance above the storage reserve, nano units. */
  spendable: bigint;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export async function showEscrow(context: CliContext): Promise<void> {
  const { escrow, state, spendable, nowS } = await readEscrow(context);
  context.say(`Escrow     ${escrow.address.toString()}`);
  context.say(`Owner      ${state.owner.toString({ bounceable: false })}`);
  context.say(`Balance    ${coins(spendable)} above its storage reserve`);
  context.say(`Paid       ${coins(state.settled)} to the provider since the beginning`);
  context.say(`Daily cap  ${coins(state.dailyCap)} to the provider, ${coins(state.capLeft)} of it left now`);
  if (state.keys.length === 0) context.say("Keys       none yet: no voucher is valid");
  for (const key of state.keys) context.say(`Key        ${key.toString("hex")}`);
  context.say(`Close      ${describeClose(state, nowS)}`);
}

export async function closeEscrow(context: CliContext): Promise<void> {
  const { escrow, state, nowS } = await readOwnEscrow(context);
  if (closeStatusOf(state, nowS) === "waiting" || closeStatusOf(state, nowS) === "ripe")
    throw new Error(`The close is requested already: ${describeClose(state, nowS)}.`);
  const message = { body: escrowBody.requestClose(), from: state.owner };
  if (!(await sendToEscrow(context, escrow, message))) return;
  const after = await readEscrow(context);
  context.say(`Close requested: ${describeClose(after.state, after.nowS)}`);
}

export async function cancelClose(context: CliContext): Promise<void> {
  const { escrow, state } = await readOwnEscrow(context);
  if (state.ripeAt === null) throw new Error("No close is requested: there is nothing to cancel.");
  if (await sendToEscrow(context, escrow, { body: escrowBody.cancelClose(), from: state.owner }))
    context.say("Cancelled: the escrow is in use as before, and vouchers signed so far stay valid.");
}

export async function withdrawEscrow(context: CliContext): Promise<void> {
  const { escrow, state, spendable, nowS } = await readOwnEscrow(context);
  if (closeStatusOf(state, nowS) !== "ripe")
    throw new Error(`Nothing can be taken home yet: ${describeClose(state, nowS)}.`);
  if (!(await sendToEscrow(context, escrow, { body: escrowBody.withdraw(), from: state.owner }))) return;
  const after = await readEscrow(context);
  context.say(`${coins(spendable - after.spendable)} came home to your wallet; vouchers signed so far are void.`);
}

/** As `deliver`; the default value is refunded except for gas. */
export async function sendToEscrow(
  context: CliContext,
  { address, init }: Escrow,
  message: Pick<OutgoingMessage, "body" | "from"> & { value?: bigint },
): Promise<boolean> {
  const contracts = [{ name: "escrow", address }];
  return deliver(context, { to: address, value: ATTACHED, contracts, ...(init && { init }), ...message });
}

/** Reads the escrow of the command line. @throws when its address has no contract, or one with other code. */
export async function readEscrow(context: CliContext): Promise<EscrowSnapshot> {
  const escrow = escrowOf(context);
  const seen = await findEscrow(context, escrow);
  if (seen) return seen;
  throw new Error(
    `There is no escrow at ${escrow.address.toString()} on this network: compare the options with what you were told.`,
  );
}

/** Null when the address has no contract yet. @throws when it is frozen or has other code than an escrow. */
export async function findEscrow({ client }: CliContext, escrow: Escrow): Promise<EscrowSnapshot | null> {
  const { state: standing, code, timestampt: nowS } = await client.getContractState(escrow.address);
  if (standing === "frozen") throw frozen("escrow", escrow.address);
  if (standing !== "active") return null;
  if (!code || !Cell.fromBoc(code)[0]!.equals(Escrow.code))
    throw new Error(`${escrow.address.toString()} is not an escrow: send it nothing.`);
  const opened = client.open(escrow);
  return { escrow, state: await opened.getState(), spendable: await opened.getSpendable(), nowS };
}

/** The escrow of the command line: by its address, or by the terms it is derived from, and then it can be deployed too. */
export function escrowOf(context: CliContext): Escrow {
  const { escrow, vault, providerKey, networkId } = context.settings;
  const made = vault && providerKey && Escrow.of({ owner: ownerOf(context), vault, providerKey, networkId });
  if (made && escrow && !made.address.equals(escrow))
    throw new Error(
      `The escrow of your wallet, --vault and --provider-key is ${made.address.toString()}, not --escrow: compare them.`,
    );
  if (made) return made;
  if (escrow) return new Escrow(escrow);
  throw new Error(
    "Pass --escrow with its address, or --vault and --provider-key, which give the address together with your wallet.",
  );
}

/** Reads the escrow. @throws when another than its owner would send, before a refusal on chain costs a fee. */
export async function readOwnEscrow(context: CliContext): Promise<EscrowSnapshot> {
  const seen = await readEscrow(context);
  assertOwner(context, seen.state.owner);
  return seen;
}

/** A printed message names the owner itself, so that nobody must say it. */
export function assertOwner(context: CliContext, owner: EscrowState["owner"]): void {
  const { delivery, owner: named, multisig } = context.settings;
  const sender = delivery === "send" ? senderOf(context) : (multisig ?? named);
  if (sender && !owner.equals(sender))
    throw new Error(`This escrow belongs to ${owner.toString({ bounceable: false })}: use the words of that wallet.`);
}

export type CloseStatus = "not requested" | "waiting" | "ripe" | "expired";

export function closeStatusOf({ ripeAt }: EscrowState, nowS: number): CloseStatus {
  if (ripeAt === null) return "not requested";
  if (nowS < ripeAt) return "waiting";
  return nowS < ripeAt + Terms.WITHDRAW_WINDOW ? "ripe" : "expired";
}

function describeClose(state: EscrowState, nowS: number): string {
  const ripeAt = state.ripeAt ?? 0;
  const until = `until ${when(ripeAt + Terms.WITHDRAW_WINDOW, nowS)}`;
  switch (closeStatusOf(state, nowS)) {
    case "not requested":
      return "not requested: `escrow-close` does";
    case "waiting":
      return `\`escrow-withdraw\` works from ${when(ripeAt, nowS)} ${until}`;
    case "ripe":
      return `ripe: run \`escrow-withdraw\` ${until}`;
    case "expired":
      return "requested, but its window has passed: run `escrow-close` again";
  }
}
