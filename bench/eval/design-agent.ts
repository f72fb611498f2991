/** Our agent, called as the bot calls it: a message is received, its run is followed to the end. */
import { randomUUID } from "node:crypto";
import type { Persona } from "@starai/protocol/personas";
import type { AppContext } from "@starai/server/context";
import { choosePersona } from "@starai/server/threads/choose-persona";
import { getRun } from "@starai/server/threads/get-run";
import { receiveMessage } from "@starai/server/threads/receive-message";
import type { Design } from "./design.ts";

export function agentDesign(ctx: AppContext, language: string, persona: Persona | null = null): Design {
  let telegramId = Math.floor(Math.random() * 1e9);
  return {
    name: "agent",
    converse: async (say) => {
      const person = { telegramId: ++telegramId, name: "Eval", language };
      if (persona) await choosePersona(ctx, { person, chat: `eval:${telegramId}`, persona });
      const talk = { answer: "", calls: 0, malformed: 0 };
      for (const text of say) {
        const { run } = await receiveMessage(ctx, {
          person,
          chat: `eval:${telegramId}`,
          externalId: randomUUID(),
          text,
        });
        for await (const { event } of ctx.runs.events(run)) if (event.type === "end") talk.answer = event.answer;
        const { steps, outcome } = await getRun(ctx, run);
        talk.calls += steps.length;
        if (outcome?.kind === "failed") {
          talk.answer = `(${outcome.code})`;
          if (outcome.code === "output_invalid" || outcome.code === "output_truncated") talk.malformed++;
        }
      }
      return talk;
    },
  };
}
