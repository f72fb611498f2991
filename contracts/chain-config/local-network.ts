/** Global id of chains that live on one machine. Signatures carry it, so none made here is valid on mainnet (-239) or testnet (-3). */
export const LOCAL_NETWORK_ID = 0x53544149; // "STAI"
