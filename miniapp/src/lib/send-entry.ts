import { answerOf } from "@starai/server/client";
import type { Api } from "./api.ts";
import type { Entry, Delivered } from "./outbox.ts";

/** Sends an entry once; the outbox decides when to retry. @throws ServerRefused, ServerUnreachable */
export function sendEntry(api: Api, { thread, externalId, sending }: Entry): Promise<Delivered> {
  const once = { patienceMs: 0 };
  if (sending.kind === "again") {
    const param = { id: sending.message };
    return answerOf(() => api.my.messages[":id"].regenerate.$post({ param, json: { externalId } }), once);
  }
  const json = { externalId, text: sending.text, ...(sending.edits === undefined ? {} : { edits: sending.edits }) };
  return answerOf(() => api.my.threads[":id"].messages.$post({ param: { id: thread }, json }), once);
}
