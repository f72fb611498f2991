// Generated from the sources of Vault by `npm run contracts:compile`.

export const VaultOp = {
  Deposit: 0x7a170001,
  PayHot: 0x7a170002,
  StopHot: 0x7a170003,
  Propose: 0x7a170004,
  Cancel: 0x7a170005,
  Execute: 0x7a170006,
  PayPool: 0x7a170007,
  Approve: 0x7a170008,
  Sweep: 0x7a170011,
  ReplaceRole: 0x7a170012,
  SetLimits: 0x7a170013,
  SweepJetton: 0x7a170014,
  PaidOut: 0x7a170021,
  Swept: 0x7a170022,
  JettonTransfer: 0x0f8a7ea5,
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
  ROLES_NOT_APART: 1212,
  NO_DISTRIBUTOR: 1213,
  OVER_POOL_LIMIT: 1214,
  NOT_THE_OTHER_KEEPER: 1215,
  ANOTHER_PROPOSAL: 1216,
} as const;

export const VaultTerms = {
  PROPOSAL_DELAY: 86400,
  PROPOSAL_WINDOW: 604800,
  ALLOWANCE_PERIOD: 86400,
} as const;
