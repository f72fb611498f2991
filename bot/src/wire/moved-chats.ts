/**
 * Groups that became supergroups while the bot runs. Such a group has a new id, and Telegram refuses everything sent
 * to the old one; pending calls are sent to the new one instead.
 */
import type { Transformer } from "grammy";

/** Far more than move while one process runs. */
const KEPT_MAX = 1_000;

export class MovedChats {
  readonly #moves = new Map<number, number>();

  moved({ from, to }: { from: number; to: number }): void {
    this.#moves.set(from, to);
    if (this.#moves.size > KEPT_MAX) for (const oldest of this.#moves.keys()) return void this.#moves.delete(oldest);
  }

  /** Where the chat is now. */
  now(chatId: number): number {
    return this.#moves.get(chatId) ?? chatId;
  }

  /** Resends to the new id what Telegram rejects because the chat moved. Edits fail: their message is gone. */
  readonly follow: Transformer = async (call, method, payload, signal) => {
    const answer = await call(method, payload, signal);
    const to = answer.ok ? undefined : answer.parameters?.migrate_to_chat_id;
    const from = (payload as { chat_id?: unknown } | undefined)?.chat_id;
    if (to === undefined || typeof from !== "number" || !method.startsWith("send")) return answer;
    this.moved({ from, to });
    // Message ids of the old group refer to other messages, or none, in the new one.
    const { reply_parameters: _, ...moved } = { reply_parameters: undefined, ...payload, chat_id: to };
    return call(method, moved as typeof payload, signal);
  };
}
