/** Secrets shared by the attacked server and its legitimate clients; they are valid on this machine only. */
export const BOT_KEY = "the-bot-key-of-an-attacked-server-0123456789";
export const BOT_TOKEN = "7000000001:AAattacked-server-token-0123456789abcd";
