/** What people read as the coin's name. The coin has been called Gram since June 2026; the network is still TON. */
export const COIN_NAME = "GRAM";
