/** Global id of chains that run on one machine. Signatures include it, so none is valid on mainnet (-239) or testnet (-3). */
export const LOCAL_NETWORK_ID = 0x53544149; // "STAI"
