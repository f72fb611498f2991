/** The name of a person's own chat with the bot, as `threads.chat` holds it. */

export function privateChat(telegramId: number): string {
  return `telegram:${telegramId}`;
}

/** A group or channel, or a topic in one: there its number is below zero. */
export function isGroup(chat: string): boolean {
  return chat.startsWith("telegram:-");
}

/** A person's own chat with the bot; a group's name has a minus, a topic's a second number. */
export function isPrivateChat(chat: string): boolean {
  return /^telegram:[0-9]+$/.test(chat);
}
