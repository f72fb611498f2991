/** A person's money as the server tells it. */
import { ServerRefused, answerOf } from "@starai/server/client";
import type { BotDeps } from "../context.ts";

export type Money = NonNullable<Awaited<ReturnType<typeof readMoney>>>;

/** `null` for somebody who has not written here yet. */
export async function readMoney({ server }: Pick<BotDeps, "server">, telegramId: number) {
  const param = { telegramId: String(telegramId) };
  try {
    return await answerOf(() => server.api.people[":telegramId"].money.$get({ param }));
  } catch (error) {
    if (error instanceof ServerRefused && error.code === "not_found") return null;
    throw error;
  }
}
