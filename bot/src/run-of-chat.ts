/** The run named by a button, if it belongs to the chat in which the button was tapped. */
import { ServerRefused, answerOf } from "@starai/server/client";
import type { ServerClient } from "@starai/server/client";
import { chatName } from "./chat-place.ts";
import type { Place } from "./chat-place.ts";

/**
 * `null` for a run that does not exist or is another chat's: callback data comes from the person's client, which may
 * send any text, and the bot's key would let the server show every run.
 */
export async function runOfChat(server: ServerClient, place: Place, id: string) {
  try {
    const run = await answerOf(() => server.api.runs[":id"].$get({ param: { id } }));
    return run.chat === chatName(place) ? run : null;
  } catch (error) {
    if (error instanceof ServerRefused && error.status < 500) return null;
    throw error;
  }
}
