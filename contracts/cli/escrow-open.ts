/** A user's prepaid balance begins, and grows. */
import { assertKnown } from "../offchain/known-contract.ts";
import { escrowBody } from "../wrappers/Escrow.ts";
import { assertYours, escrowOf, findEscrow, seeEscrow, sendToEscrow } from "./escrow.ts";
import { ownerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { nanoOf, ton } from "./words.ts";

/** The gas, and a year's rent that an escrow keeps back, at either price list. What is too much of it is prepaid as well. */
const OPENING = 20_000_000n;
/** The gas of a top-up at either price list. */
const TOPPING_UP = 2_000_000n;

export async function openEscrow(context: CliContext, said: string | undefined): Promise<void> {
  const amount = nanoOf("escrow-open", said);
  const { vault, providerKey, sessionKey } = context.settings;
  if (!vault || !providerKey || !sessionKey)
    throw new Error(
      "Say --vault and --provider-key, which the provider tells you, and --context-key, the public key that signs your vouchers.",
    );
  const escrow = escrowOf(context);
  assertYours(context, ownerOf(context));
  if ((await findEscrow(context, escrow))?.state.sessionKey)
    throw new Error(`${escrow.address.toString()} is open already: \`escrow-top-up\` adds to it.`);
  await assertKnown(context, "Vault", vault);
  await sendToEscrow(context, escrow, escrowBody.setKey({ sessionKey }), amount + OPENING);
  context.say(`Opened     ${escrow.address.toString()}: keep this address`);
  await sayBalance(context);
}

export async function topUpEscrow(context: CliContext, said: string | undefined): Promise<void> {
  const amount = nanoOf("escrow-top-up", said);
  const { escrow } = await seeEscrow(context);
  await sendToEscrow(context, escrow, escrowBody.topUp(), amount + TOPPING_UP);
  await sayBalance(context);
}

async function sayBalance(context: CliContext): Promise<void> {
  const { state, spendable } = await seeEscrow(context);
  context.say(
    `Balance    ${ton(spendable)} above its storage reserve, of ${state.owner.toString({ bounceable: false })}`,
  );
}
