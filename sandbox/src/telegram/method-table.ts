/** Every method the simulator supports, by lower-case name, since the Bot API ignores case. */
import type { Method } from "./method.ts";
import { answerQueries } from "./methods/answer-queries.ts";
import { botSettings } from "./methods/bot-settings.ts";
import { changeMessages } from "./methods/change-messages.ts";
import { lookUp } from "./methods/look-up.ts";
import { payments } from "./methods/payments.ts";
import { receiveUpdates } from "./methods/receive-updates.ts";
import { sendFiles } from "./methods/send-files.ts";
import { sendMessages } from "./methods/send-messages.ts";

export const METHODS: ReadonlyMap<string, Method> = new Map(
  [lookUp, receiveUpdates, sendMessages, changeMessages, sendFiles, answerQueries, botSettings, payments]
    .flat()
    .map((method) => [method.name.toLowerCase(), method]),
);
