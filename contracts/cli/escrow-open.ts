/** Commands that open an escrow, a user's prepaid balance, top it up, and change who may sign for it and how much. */
import { assertKnown } from "../offchain/known-contract.ts";
import { escrowBody } from "../wrappers/Escrow.ts";
import { assertOwner, closeStatusOf, escrowOf, findEscrow, readEscrow, readOwnEscrow, sendToEscrow } from "./escrow.ts";
import { ownerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { coins, coinsOf } from "./words.ts";

/** Added when opening, nano units: gas and a year's storage reserve under either price list. The rest is prepaid too. */
const OPENING = 20_000_000n;
/** Added when topping up, and when keys and caps change, nano units: gas under either price list; the rest is prepaid too. */
const TOPPING_UP = 5_000_000n;

export async function openEscrow(context: CliContext, [amountText = ""]: readonly string[]): Promise<void> {
  const amount = coinsOf("The amount", amountText);
  const { vault, providerKey } = context.settings;
  if (!vault || !providerKey)
    throw new Error(
      "Pass --vault and --provider-key, which the provider gives you, --session-key, the public key that signs your vouchers, and --daily-cap.",
    );
  const terms = keyTermsOf(context);
  const escrow = escrowOf(context);
  assertOwner(context, ownerOf(context));
  if ((await findEscrow(context, escrow))?.state.keys.length)
    throw new Error(`${escrow.address.toString()} is open already: \`escrow-top-up\` adds to it.`);
  await assertKnown(context, "Vault", vault);
  const message = { body: escrowBody.setKey(terms), value: amount + OPENING, from: ownerOf(context) };
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

export async function addKey(context: CliContext): Promise<void> {
  const { sessionKey } = context.settings;
  if (!sessionKey) throw new Error("Pass --session-key, the public key of the other device.");
  const { escrow, state } = await readOwnEscrow(context);
  const message = { body: escrowBody.addKey({ sessionKey }), value: TOPPING_UP, from: state.owner };
  if (await sendToEscrow(context, escrow, message)) context.say("Added: this key signs vouchers, too.");
}

/** All keys are replaced by one, for instance when a device is lost; the cap may fall here only. */
export async function newKey(context: CliContext): Promise<void> {
  const terms = keyTermsOf(context);
  const { escrow, state, nowS } = await readOwnEscrow(context);
  if (closeStatusOf(state, nowS) !== "ripe")
    throw new Error("Keys are replaced in a ripe close only, so that no voucher is void unawares: `escrow-close`.");
  const message = { body: escrowBody.setKey(terms), value: TOPPING_UP, from: state.owner };
  if (await sendToEscrow(context, escrow, message))
    context.say("Replaced: this key alone signs vouchers; those signed so far are void, and the close has ended.");
}

export async function raiseCap(context: CliContext, [capText = ""]: readonly string[]): Promise<void> {
  const dailyCap = coinsOf("The cap", capText);
  const { escrow, state } = await readOwnEscrow(context);
  const message = { body: escrowBody.raiseCap({ dailyCap }), value: TOPPING_UP, from: state.owner };
  if (await sendToEscrow(context, escrow, message))
    context.say(`Raised: vouchers may take ${coins(dailyCap)} in a day.`);
}

function keyTermsOf({ settings }: CliContext) {
  const { sessionKey, dailyCap } = settings;
  if (!sessionKey || dailyCap === null)
    throw new Error(
      "Pass --session-key, the public key that signs your vouchers, and --daily-cap, the most they may take in a day.",
    );
  return { sessionKey, dailyCap };
}

async function showBalance(context: CliContext): Promise<void> {
  const { state, spendable } = await readEscrow(context);
  context.say(
    `Balance    ${coins(spendable)} above its storage reserve, of ${state.owner.toString({ bounceable: false })}`,
  );
}
