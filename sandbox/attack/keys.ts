/** What the attacked server and those who know its secrets share: they open nothing outside this machine. */
export const BOT_KEY = "the-bot-key-of-an-attacked-server-0123456789";
export const BOT_TOKEN = "7000000001:AAattacked-server-token-0123456789abcd";
