/** A user's prepaid balance: looked at, asked back, taken home. */
import { Cell } from "@ton/core";
import { EscrowTerms as Terms } from "../wrappers/escrow-codes.ts";
import { Escrow, escrowBody, type EscrowState } from "../wrappers/Escrow.ts";
import { send } from "./send.ts";
import { ownerOf, type Session } from "./session.ts";
import { ton, when } from "./words.ts";

/** Comes back but for gas. */
const ATTACHED = 50_000_000n;

interface Seen {
  escrow: Escrow;
  state: EscrowState;
  /** What lies above the storage reserve, nano units. */
  spendable: bigint;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export async function showEscrow(session: Session): Promise<void> {
  const { escrow, state, spendable, nowS } = await seeEscrow(session);
  session.say(`Escrow     ${escrow.address.toString()}`);
  session.say(`Owner      ${state.owner.toString({ bounceable: false })}`);
  session.say(`Balance    ${ton(spendable)} above its storage reserve`);
  session.say(`Paid       ${ton(state.settled)} to the provider since the beginning`);
  session.say(`Key        ${state.sessionKey ? "set: vouchers can be signed" : "none yet: no voucher is valid"}`);
  session.say(`Close      ${closeOf(state, nowS)}`);
}

export async function closeEscrow(session: Session): Promise<void> {
  await change(session, escrowBody.requestClose());
  const { state, nowS } = await seeEscrow(session);
  session.say(`Close requested: ${closeOf(state, nowS)}`);
}

export async function withdrawEscrow(session: Session): Promise<void> {
  const before = await seeEscrow(session);
  await change(session, escrowBody.withdraw());
  const after = await seeEscrow(session);
  session.say(`${ton(before.spendable - after.spendable)} came home to your wallet; vouchers signed so far are void.`);
}

async function change(session: Session, body: Cell): Promise<void> {
  const { escrow } = await seeEscrow(session);
  const contracts = [{ name: "escrow", address: escrow.address }];
  await send(session, { to: escrow.address, value: ATTACHED, body, contracts });
}

/** @throws when nothing is there, or something that runs other code than an escrow's. */
async function seeEscrow(session: Session): Promise<Seen> {
  const escrow = escrowOf(session);
  const address = escrow.address.toString();
  const { state: standing, code, timestampt: nowS } = await session.client.getContractState(escrow.address);
  if (standing !== "active")
    throw new Error(`There is no escrow at ${address} on this network: compare the options with what you were told.`);
  if (!code || !Cell.fromBoc(code)[0]!.equals(Escrow.code))
    throw new Error(`${address} is not an escrow: send it nothing.`);
  const opened = session.client.open(escrow);
  const state = await opened.getState();
  return { escrow, state, nowS, spendable: await opened.getSpendable() };
}

function escrowOf(session: Session): Escrow {
  const { escrow, vault, providerKey, networkId } = session.settings;
  if (escrow) return new Escrow(escrow);
  if (vault && providerKey) return Escrow.of({ owner: ownerOf(session), vault, providerKey, networkId });
  throw new Error(
    "Say --escrow and its address, or --vault and --provider-key, which with your wallet make its address.",
  );
}

function closeOf({ ripeAt }: EscrowState, nowS: number): string {
  if (ripeAt === null) return "not requested: `escrow-close` does";
  const end = ripeAt + Terms.WITHDRAW_WINDOW;
  if (nowS >= end) return "requested, but its window has passed: run `escrow-close` again";
  const until = `until ${when(end, nowS)}`;
  return nowS >= ripeAt
    ? `ripe: run \`escrow-withdraw\` ${until}`
    : `\`escrow-withdraw\` works from ${when(ripeAt, nowS)} ${until}`;
}
