/** Accounts in the ledger that closings move coins between. */

/** A leaf's. @param wallet  raw, of the basechain */
export const leafOwner = (wallet: string): string => `wallet:${wallet.slice(2)}`;

/** What an epoch gives for being there lies here from its plan until its last line is moved. */
export const setAsideOwner = (epoch: number): string => `epoch:${epoch}`;
