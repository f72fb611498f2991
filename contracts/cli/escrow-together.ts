/** Closes an escrow at once with the provider's consent, which is checked before anything is sent. */
import { readFile } from "node:fs/promises";
import { readConsent } from "../offchain/consent-file.ts";
import type { SignedConsent } from "../offchain/consent-file.ts";
import { escrowBody } from "../wrappers/Escrow.ts";
import { verifyCloseConsent } from "../wrappers/voucher.ts";
import { readEscrow, readOwnEscrow, sendToEscrow } from "./escrow.ts";
import type { EscrowSnapshot } from "./escrow.ts";
import type { CliContext } from "./cli-context.ts";
import { coins, coinsOf, when } from "./words.ts";

/** The argument is the largest amount the provider may take: the provider alone wrote the amount in the consent. */
export async function closeEscrowTogether(context: CliContext, [mostText = ""]: readonly string[]): Promise<void> {
  const most = coinsOf("The most the provider may take", mostText, 0n);
  const consent = readConsent(await textOf(context));
  const seen = await readOwnEscrow(context);
  await assertGood(consent, seen);
  // Compares the debt, not today's balance: somebody may top the escrow up before the message arrives.
  const owed = consent.cumulative - seen.state.settled;
  if (owed > most)
    throw new Error(
      `With this consent the provider takes up to ${coins(owed)}, and you allow ${coins(most)}: ask for another, or allow it.`,
    );
  const message = { body: escrowBody.closeTogether(consent), from: seen.state.owner };
  if (!(await sendToEscrow(context, seen.escrow, message))) return;
  const after = await readEscrow(context);
  const paid = after.state.settled - seen.state.settled;
  context.say(`${coins(paid)} went to the provider, ${coins(seen.spendable - paid)} came home to your wallet.`);
  context.say("Vouchers signed so far are void.");
}

async function textOf({ settings }: CliContext): Promise<string> {
  const { consent } = settings;
  if (!consent) throw new Error("Pass --consent with the file of the provider's consent.");
  return readFile(consent, "utf8").catch((error: unknown) => {
    throw new Error(`There is no file to read at ${consent}: compare --consent with where you saved it.`, {
      cause: error,
    });
  });
}

/** Rejects a consent that the contract would refuse after charging a fee. */
async function assertGood(consent: SignedConsent, { escrow, state, nowS }: EscrowSnapshot): Promise<void> {
  if (consent.escrow !== escrow.address.toRawString() || consent.networkId !== state.networkId)
    throw new Error(`The consent is for ${consent.escrow} on network ${consent.networkId}, not for this escrow.`);
  if (consent.round !== state.round)
    throw new Error("The consent is of another round: something was closed since. Ask the provider for a new one.");
  if (consent.validUntil < nowS)
    throw new Error(`The consent was good until ${when(consent.validUntil, nowS)}: ask the provider for a new one.`);
  if (!(await verifyCloseConsent(consent, consent.signature, state.providerKey)))
    throw new Error("The provider has not signed this consent: do not trust whoever gave it to you.");
}
