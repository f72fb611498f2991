/** A user's prepaid balance begins, and grows. */
import { assertKnown } from "../offchain/known-contract.ts";
import { escrowBody } from "../wrappers/Escrow.ts";
import { assertYours, escrowOf, findEscrow, seeEscrow, sendToEscrow } from "./escrow.ts";
import { ownerOf, type Session } from "./session.ts";
import { nanoOf, ton } from "./words.ts";

/** The gas, and a year's rent that an escrow keeps back, at either price list. What is too much of it is prepaid as well. */
const OPENING = 20_000_000n;
/** The gas of a top-up at either price list. */
const TOPPING_UP = 2_000_000n;

export async function openEscrow(session: Session, said: string | undefined): Promise<void> {
  const amount = nanoOf("escrow-open", said);
  const { vault, providerKey, sessionKey } = session.settings;
  if (!vault || !providerKey || !sessionKey)
    throw new Error(
      "Say --vault and --provider-key, which the provider tells you, and --session-key, the public key that signs your vouchers.",
    );
  const escrow = escrowOf(session);
  assertYours(session, ownerOf(session));
  if ((await findEscrow(session, escrow))?.state.sessionKey)
    throw new Error(`${escrow.address.toString()} is open already: \`escrow-top-up\` adds to it.`);
  await assertKnown(session, "Vault", vault);
  await sendToEscrow(session, escrow, escrowBody.setKey({ sessionKey }), amount + OPENING);
  session.say(`Opened     ${escrow.address.toString()}: keep this address`);
  await sayBalance(session);
}

export async function topUpEscrow(session: Session, said: string | undefined): Promise<void> {
  const amount = nanoOf("escrow-top-up", said);
  const { escrow } = await seeEscrow(session);
  await sendToEscrow(session, escrow, escrowBody.topUp(), amount + TOPPING_UP);
  await sayBalance(session);
}

async function sayBalance(session: Session): Promise<void> {
  const { state, spendable } = await seeEscrow(session);
  session.say(
    `Balance    ${ton(spendable)} above its storage reserve, of ${state.owner.toString({ bounceable: false })}`,
  );
}
