/** A person's choices, and the deletion of all their data. */
import { Hono } from "hono";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { chooseModel, getModelChoice } from "../threads/choose-model.ts";
import { deletePersonOfTelegram } from "../threads/delete-person.ts";
import { requireBotKey } from "./bot-key.ts";
import { WithMoney } from "./my-profile.ts";
import { parsed } from "./parse.ts";
import { PersonFields, TelegramId } from "./threads.ts";

const Person = z.object({ telegramId: TelegramId });
const Choice = z.strictObject({ ...PersonFields, model: z.string().min(1).max(120).nullable() });

export function peopleRoutes(ctx: AppContext) {
  const bot = requireBotKey(ctx);
  return new Hono()
    .get("/api/people/:telegramId/model", bot, parsed("param", Person), async (c) => {
      const choice = await getModelChoice(ctx, c.req.valid("param").telegramId);
      return c.json(choice, 200);
    })
    .put("/api/people/:telegramId/model", bot, parsed("param", Person), parsed("json", Choice), async (c) => {
      const choice = await chooseModel(ctx, { ...c.req.valid("param"), ...c.req.valid("json") });
      return c.json(choice, 200);
    })
    .delete("/api/people/:telegramId/data", bot, parsed("param", Person), parsed("query", WithMoney), async (c) => {
      const givesUp = c.req.valid("query").money === "give_up";
      await deletePersonOfTelegram(ctx, c.req.valid("param").telegramId, { givesUp });
      return c.body(null, 204);
    });
}
