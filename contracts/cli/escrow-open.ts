/** Commands that open an escrow, a user's prepaid balance, and top it up. */
import { assertKnown } from "../offchain/known-contract.ts";
import { escrowBody } from "../wrappers/Escrow.ts";
import { assertOwner, escrowOf, findEscrow, readEscrow, sendToEscrow } from "./escrow.ts";
import { ownerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { coins, coinsOf } from "./words.ts";

/** Added when opening, nano units: gas and a year's storage reserve under either price list. The rest is prepaid too. */
const OPENING = 20_000_000n;
/** Added when topping up, nano units: gas under either price list. */
const TOPPING_UP = 2_000_000n;

export async function openEscrow(context: CliContext, [amountText = ""]: readonly string[]): Promise<void> {
  const amount = coinsOf("The amount", amountText);
  const { vault, providerKey, sessionKey } = context.settings;
  if (!vault || !providerKey || !sessionKey)
    throw new Error(
      "Pass --vault and --provider-key, which the provider gives you, and --session-key, the public key that signs your vouchers.",
    );
  const escrow = escrowOf(context);
  assertOwner(context, ownerOf(context));
  if ((await findEscrow(context, escrow))?.state.sessionKey)
    throw new Error(`${escrow.address.toString()} is open already: \`escrow-top-up\` adds to it.`);
  await assertKnown(context, "Vault", vault);
  const message = { body: escrowBody.setKey({ sessionKey }), value: amount + OPENING, from: ownerOf(context) };
  if (!(await sendToEscrow(context, escrow, message))) return;
  context.say(`Opened     ${escrow.address.toString()}: keep this address`);
  await showBalance(context);
}

export async function topUpEscrow(context: CliContext, [amountText = ""]: readonly string[]): Promise<void> {
  const amount = coinsOf("The amount", amountText);
  const { escrow } = await readEscrow(context);
  const message = { body: escrowBody.topUp(), value: amount + TOPPING_UP };
  if (await sendToEscrow(context, escrow, message)) await showBalance(context);
}

async function showBalance(context: CliContext): Promise<void> {
  const { state, spendable } = await readEscrow(context);
  context.say(
    `Balance    ${coins(spendable)} above its storage reserve, of ${state.owner.toString({ bounceable: false })}`,
  );
}
