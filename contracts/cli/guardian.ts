/** Commands of the distributor's guardian, of the treasury that watches it, and of those it names. */
import {
  acceptCapBody,
  nameGuardianBody,
  namePublisherBody,
  relayCancelSlashBody,
  rootOrderBody,
} from "../wrappers/RewardDistributor.ts";
import { RewardDistributorTerms as Terms } from "../wrappers/reward-distributor-codes.ts";
import type { CliContext } from "./cli-context.ts";
import type { Command } from "./command.ts";
import { order } from "./distributor-order.ts";
import { readDistributor } from "./distributor.ts";
import { plain } from "./plain-order.ts";
import { parsedAddress } from "./settings.ts";
import { coins, coinsOf, spanOf } from "./words.ts";

const GUARDIAN = { role: "Guardian" } as const;

export const GUARDIAN_COMMANDS: readonly Command[] = [
  { ...GUARDIAN, name: "veto", does: "drops the pending root", run: plain("VetoRoot", "The pending root is dropped.") },
  {
    ...GUARDIAN,
    name: "freeze",
    does: `stops payouts and activations for at most ${spanOf(Terms.FREEZE_SECONDS)}`,
    run: plain("Freeze", "Frozen: nothing is paid out. To take the newest root back, `revoke` it now."),
  },
  {
    ...GUARDIAN,
    name: "unfreeze",
    does: `ends a freeze ${spanOf(Terms.UNFREEZE_SECONDS)} later`,
    run: plain("Unfreeze", `The freeze ends in ${spanOf(Terms.UNFREEZE_SECONDS)}.`),
  },
  {
    ...GUARDIAN,
    name: "revoke",
    does: `while frozen: goes back to the root before, within ${spanOf(Terms.REVOKE_SECONDS)}`,
    run: (context) => revoke(context),
  },
  {
    ...GUARDIAN,
    name: "endorse",
    does: `makes the pending root unchallengeable, ${spanOf(Terms.ENDORSE_SECONDS)} later`,
    run: (context) => endorse(context),
  },
  {
    ...GUARDIAN,
    name: "name-publisher",
    takes: ["address"],
    does: "names the next; with --dismiss the present one goes at once",
    run: (context, [address = ""]) => namePublisher(context, address),
  },
  {
    ...GUARDIAN,
    name: "name-guardian",
    takes: ["address"],
    does: "names the next guardian, who must accept",
    run: (context, [address = ""]) => nameGuardian(context, address),
  },
  {
    ...GUARDIAN,
    name: "accept-guardian",
    does: "takes the office, sent by whom the guardian named",
    run: plain("AcceptGuardian", "You are the guardian."),
  },
  {
    ...GUARDIAN,
    name: "accept-cap",
    takes: ["amount"],
    does: `agrees to the proposed epoch cap, which applies ${spanOf(Terms.CAP_DELAY)} later`,
    run: (context, [amount = ""]) => acceptCap(context, coinsOf("The cap", amount)),
  },
  {
    ...GUARDIAN,
    name: "cancel-slash",
    takes: ["owner"],
    does: "cancels the open slash of this contributor",
    run: (context, [owner = ""]) => cancelSlash(context, owner),
  },
  {
    role: "Treasury",
    name: "reject-publisher",
    does: "drops the publisher that the guardian named",
    run: plain("RejectPublisher", "Rejected: the named publisher cannot take office."),
  },
];

async function revoke(context: CliContext): Promise<void> {
  const seen = await readDistributor(context);
  const body = rootOrderBody("RevokeRoot", seen.data.root);
  if (await order(context, seen, { body, from: seen.data.guardian }))
    context.say("Revoked: the root before is the current one again.");
}

async function endorse(context: CliContext): Promise<void> {
  const seen = await readDistributor(context);
  if (!seen.data.pending) throw new Error("No root is pending: there is nothing to endorse.");
  const body = rootOrderBody("EndorseRoot", seen.data.pending.root);
  if (await order(context, seen, { body, from: seen.data.guardian }))
    context.say("Endorsed: only you can stop this root now, by `veto`.");
}

async function namePublisher(context: CliContext, address: string): Promise<void> {
  const publisher = parsedAddress("The publisher", address);
  const seen = await readDistributor(context);
  const { dismiss } = context.settings;
  const body = namePublisherBody({ publisher, dismiss });
  if (!(await order(context, seen, { body, from: seen.data.guardian }))) return;
  if (dismiss) context.say("The present publisher is dismissed, and its pending root dropped.");
  context.say(
    `Named: it may \`accept-publisher\` in ${spanOf(Terms.PUBLISHER_DELAY)}, if the treasury does not reject it.`,
  );
}

async function nameGuardian(context: CliContext, address: string): Promise<void> {
  const seen = await readDistributor(context);
  const body = nameGuardianBody(parsedAddress("The guardian", address));
  if (await order(context, seen, { body, from: seen.data.guardian }))
    context.say("Named: it rules once it has sent `accept-guardian`.");
}

async function acceptCap(context: CliContext, epochCap: bigint): Promise<void> {
  const seen = await readDistributor(context);
  if (await order(context, seen, { body: acceptCapBody(epochCap), from: seen.data.guardian }))
    context.say(`Accepted: ${coins(epochCap)} applies by \`apply-cap\` in ${spanOf(Terms.CAP_DELAY)}.`);
}

async function cancelSlash(context: CliContext, owner: string): Promise<void> {
  const contributor = parsedAddress("The contributor", owner);
  const seen = await readDistributor(context);
  const body = relayCancelSlashBody(contributor);
  if (await order(context, seen, { body, owner: contributor, from: seen.data.guardian }))
    context.say("Cancelled: what was disputed is free again.");
}
