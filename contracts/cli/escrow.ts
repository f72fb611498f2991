/** A user's prepaid balance: looked at, asked back, taken home. */
import { Cell } from "@ton/core";
import { EscrowTerms as Terms } from "../wrappers/escrow-codes.ts";
import { Escrow, escrowBody } from "../wrappers/Escrow.ts";
import type { EscrowState } from "../wrappers/Escrow.ts";
import { send } from "./send.ts";
import { ownerOf, signerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { ton, when } from "./words.ts";

/** Comes back but for gas. */
const ATTACHED = 50_000_000n;

export interface SeenEscrow {
  escrow: Escrow;
  state: EscrowState;
  /** What lies above the storage reserve, nano units. */
  spendable: bigint;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export async function showEscrow(context: CliContext): Promise<void> {
  const { escrow, state, spendable, nowS } = await seeEscrow(context);
  context.say(`Escrow     ${escrow.address.toString()}`);
  context.say(`Owner      ${state.owner.toString({ bounceable: false })}`);
  context.say(`Balance    ${ton(spendable)} above its storage reserve`);
  context.say(`Paid       ${ton(state.settled)} to the provider since the beginning`);
  context.say(`Key        ${state.sessionKey ? "set: vouchers can be signed" : "none yet: no voucher is valid"}`);
  context.say(`Close      ${closeOf(state, nowS)}`);
}

export async function closeEscrow(context: CliContext): Promise<void> {
  const { escrow, state, nowS } = await seeOwnEscrow(context);
  if (standOf(state, nowS) === "waiting" || standOf(state, nowS) === "ripe")
    throw new Error(`The close is requested already: ${closeOf(state, nowS)}.`);
  await sendToEscrow(context, escrow, escrowBody.requestClose());
  const after = await seeEscrow(context);
  context.say(`Close requested: ${closeOf(after.state, after.nowS)}`);
}

export async function withdrawEscrow(context: CliContext): Promise<void> {
  const { escrow, state, spendable, nowS } = await seeOwnEscrow(context);
  if (standOf(state, nowS) !== "ripe") throw new Error(`Nothing can be taken home yet: ${closeOf(state, nowS)}.`);
  await sendToEscrow(context, escrow, escrowBody.withdraw());
  const after = await seeEscrow(context);
  context.say(`${ton(spendable - after.spendable)} came home to your wallet; vouchers signed so far are void.`);
}

/** @throws {Refused} as `send` does. What is attached beyond the gas comes back. */
export async function sendToEscrow(context: CliContext, escrow: Escrow, body: Cell, value = ATTACHED): Promise<void> {
  const { address, init } = escrow;
  await send(context, { to: address, value, body, contracts: [{ name: "escrow", address }], ...(init && { init }) });
}

/** @throws when nothing is there, or something that runs other code than an escrow's. */
export async function seeEscrow(context: CliContext): Promise<SeenEscrow> {
  const escrow = escrowOf(context);
  const seen = await findEscrow(context, escrow);
  if (seen) return seen;
  throw new Error(
    `There is no escrow at ${escrow.address.toString()} on this network: compare the options with what you were told.`,
  );
}

/** Null where nothing is yet. */
export async function findEscrow({ client }: CliContext, escrow: Escrow): Promise<SeenEscrow | null> {
  const { state: standing, code, timestampt: nowS } = await client.getContractState(escrow.address);
  if (standing === "frozen")
    throw new Error(`The escrow ${escrow.address.toString()} is frozen by its rent: send it some TON to wake it.`);
  if (standing !== "active") return null;
  if (!code || !Cell.fromBoc(code)[0]!.equals(Escrow.code))
    throw new Error(`${escrow.address.toString()} is not an escrow: send it nothing.`);
  const opened = client.open(escrow);
  return { escrow, state: await opened.getState(), spendable: await opened.getSpendable(), nowS };
}

/** The escrow that the command line names. Where it names what its address is made of, it can be deployed too. */
export function escrowOf(context: CliContext): Escrow {
  const { escrow, vault, providerKey, networkId } = context.settings;
  const made = vault && providerKey && Escrow.of({ owner: ownerOf(context), vault, providerKey, networkId });
  if (made && escrow && !made.address.equals(escrow))
    throw new Error(
      `Your wallet, --vault and --provider-key make ${made.address.toString()}, which is not --escrow: compare them.`,
    );
  if (made) return made;
  if (escrow) return new Escrow(escrow);
  throw new Error(
    "Say --escrow and its address, or --vault and --provider-key, which with your wallet make its address.",
  );
}

/** What only its owner may do is refused to others before it costs a fee. */
export async function seeOwnEscrow(context: CliContext): Promise<SeenEscrow> {
  const seen = await seeEscrow(context);
  assertYours(context, seen.state.owner);
  return seen;
}

export function assertYours(context: CliContext, owner: EscrowState["owner"]): void {
  if (!owner.equals(signerOf(context).wallet.address))
    throw new Error(`This escrow is ${owner.toString({ bounceable: false })}'s: use the words of that wallet.`);
}

type CloseStand = "not requested" | "waiting" | "ripe" | "expired";

function standOf({ ripeAt }: EscrowState, nowS: number): CloseStand {
  if (ripeAt === null) return "not requested";
  if (nowS < ripeAt) return "waiting";
  return nowS < ripeAt + Terms.WITHDRAW_WINDOW ? "ripe" : "expired";
}

function closeOf(state: EscrowState, nowS: number): string {
  const ripeAt = state.ripeAt ?? 0;
  const until = `until ${when(ripeAt + Terms.WITHDRAW_WINDOW, nowS)}`;
  switch (standOf(state, nowS)) {
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
