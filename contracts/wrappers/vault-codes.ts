// Generated from the sources of Vault by `npm run contracts:compile`.

export const VaultOp = {
  Deposit: 0x7a170001,
  PayHot: 0x7a170002,
  StopHot: 0x7a170003,
  Propose: 0x7a170004,
  Cancel: 0x7a170005,
  Execute: 0x7a170006,
  Sweep: 0x7a170011,
  ReplaceRole: 0x7a170012,
  SetDailyLimit: 0x7a170013,
  PaidOut: 0x7a170021,
  Swept: 0x7a170022,
} as const;

export const VaultError = {
  UNKNOWN_OP: 1200,
  NOT_HOT: 1201,
  NOT_KEEPER: 1202,
  NOT_ENOUGH_VALUE: 1203,
  OVER_DAILY_LIMIT: 1204,
  BALANCE_TOO_LOW: 1205,
  PROPOSAL_PENDING: 1206,
  NO_PROPOSAL: 1207,
  PROPOSAL_TOO_YOUNG: 1208,
  PROPOSAL_EXPIRED: 1209,
  ROLE_WRONG_WORKCHAIN: 1210,
  NO_SUCH_ROLE: 1211,
  KEEPERS_ARE_ONE: 1212,
} as const;

export const VaultTerms = {
  PROPOSAL_DELAY: 86400,
  PROPOSAL_WINDOW: 604800,
  ALLOWANCE_PERIOD: 86400,
} as const;
