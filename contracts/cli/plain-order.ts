/** Commands that are one message without fields to the distributor. */
import type { Address } from "@ton/core";
import { plainBody } from "../wrappers/RewardDistributor.ts";
import type { DistributorData, PlainMessage } from "../wrappers/RewardDistributor.ts";
import type { Command } from "./command.ts";
import { order } from "./distributor-order.ts";
import { readDistributor } from "./distributor.ts";

/** Sends the message; `done` is said when it had its effect. */
export function plain(message: PlainMessage, done: string): Command["run"] {
  return async (context) => {
    const seen = await readDistributor(context);
    const from = senderOfMessage[message]?.(seen.data) ?? null;
    if (await order(context, seen, { body: plainBody(message), from })) context.say(done);
  };
}

/** Who may send a message without fields; anybody may send the others. */
const senderOfMessage: Partial<Record<PlainMessage, (data: DistributorData) => Address | null>> = {
  VetoRoot: (data) => data.guardian,
  Freeze: (data) => data.guardian,
  Unfreeze: (data) => data.guardian,
  AcceptGuardian: (data) => data.nextGuardian,
  AcceptPublisher: (data) => data.nextPublisher,
  RejectPublisher: (data) => data.treasury,
};
